/**
 * HTTP with the server's errors made into one exception type. Knows no resource by name.
 */

/** `status` 0: the server was not reached at all. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message = "",
    readonly retry_after_ms?: number,
  ) {
    super(message);
  }

  /** Worth trying again unchanged: the network, the server's own trouble, or too many at once. */
  get passing(): boolean {
    return this.status === 0 || this.status >= 500 || this.status === 429 || this.status === 408;
  }
}

export interface Call {
  method?: string;
  token?: string;
  body?: unknown;
}

const TIMEOUT_MS = 20_000;

export async function request<T>(url: string, call: Call = {}): Promise<T> {
  const response = await reach(url, call);
  if (response.status === 204) return undefined as T;
  const text = await response.text().catch(() => "");
  if (!response.ok) throw problem(response.status, text);
  try {
    return JSON.parse(text) as T;
  } catch {
    throw new ApiError(0, "unreadable");
  }
}

async function reach(url: string, call: Call): Promise<Response> {
  const headers: Record<string, string> = {};
  if (call.token) headers["Authorization"] = `Bearer ${call.token}`;
  if (call.body !== undefined) headers["Content-Type"] = "application/json";
  try {
    return await fetch(url, {
      method: call.method ?? (call.body === undefined ? "GET" : "POST"),
      headers,
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
    });
  } catch {
    throw new ApiError(0, "unreachable");
  }
}

function problem(status: number, text: string): ApiError {
  let said: { code?: string; title?: string; detail?: string; retry_after_ms?: number } = {};
  try {
    said = JSON.parse(text) ?? {};
  } catch {
    // A proxy's HTML page: the status says enough.
  }
  return new ApiError(status, said.code ?? `http_${status}`, said.detail ?? said.title ?? "", said.retry_after_ms);
}
