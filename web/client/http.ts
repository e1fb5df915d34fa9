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
    /** All that was said of it. */
    readonly told: Problem = {},
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
  body?: object;
  headers?: Record<string, string>;
}

export interface Problem {
  /** Of a change that came too late: the value as it is, and whose. */
  current?: unknown;
  changed_at?: string | null;
  changed_by?: { role: string; id: string; name?: string | null } | null;
  code?: string;
  title?: string;
  detail?: string;
  retry_after_ms?: number;
}

const TIMEOUT_MS = 20_000;

export async function request<T>(url: string, call: Call = {}): Promise<T> {
  const response = await reach(url, call);
  // A proxy's HTML page says nothing that its status does not.
  const said: unknown = await response.json().catch(() => null);
  if (!response.ok) throw problem(response.status, said ?? {});
  if (said === null && response.status !== 204) throw new ApiError(0, "unreadable");
  return said as T;
}

/** A file, whole. */
export async function download(url: string, call: Call = {}): Promise<Blob> {
  const response = await reach(url, call);
  if (!response.ok) throw problem(response.status, (await response.json().catch(() => ({}))) as Problem);
  return response.blob();
}

async function reach(url: string, call: Call): Promise<Response> {
  const headers: Record<string, string> = { ...call.headers };
  if (call.token) headers["Authorization"] = `Bearer ${call.token}`;
  if (call.body) headers["Content-Type"] = "application/json";
  try {
    return await fetch(url, {
      method: call.method ?? (call.body ? "POST" : "GET"),
      headers,
      signal: AbortSignal.timeout(TIMEOUT_MS),
      body: call.body ? JSON.stringify(call.body) : null,
    });
  } catch {
    throw new ApiError(0, "unreachable");
  }
}

/** What the server says is wrong, as an exception. */
export function problem(status: number, said: Problem): ApiError {
  return new ApiError(status, said.code ?? `http_${status}`, said.detail ?? said.title, said.retry_after_ms, said);
}
