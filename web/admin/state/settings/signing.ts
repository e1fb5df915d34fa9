/** How a site's own server signs who its user is: HMAC-SHA256 over site, user, time and nonce, a line each. */

export const SIGNING = {
  Python: (site: string) => `import hmac, json, os, secrets, time

def identity(user: str) -> str:
    site, now, nonce = "${site}", int(time.time()), secrets.token_hex(16)
    signed = "\\n".join((site, user, str(now), nonce))
    key = os.environ["PARLEY_SITE_SECRET"].encode()
    signature = hmac.digest(key, signed.encode(), "sha256").hex()
    return json.dumps({"user": user, "timestamp": now, "nonce": nonce, "signature": signature})`,

  PHP: (site: string) => `<?php
function identity(string $user): string {
    [$site, $now, $nonce] = ['${site}', time(), bin2hex(random_bytes(16))];
    $signed = implode("\\n", [$site, $user, $now, $nonce]);
    $signature = hash_hmac('sha256', $signed, getenv('PARLEY_SITE_SECRET'));
    return json_encode(['user' => $user, 'timestamp' => $now, 'nonce' => $nonce, 'signature' => $signature]);
}`,

  "Node.js": (site: string) => `import { createHmac, randomBytes } from "node:crypto";

export function identity(user) {
  const site = "${site}", timestamp = Math.floor(Date.now() / 1000), nonce = randomBytes(16).toString("hex");
  const signed = [site, user, timestamp, nonce].join("\\n");
  const signature = createHmac("sha256", process.env.PARLEY_SITE_SECRET).update(signed).digest("hex");
  return JSON.stringify({ user, timestamp, nonce, signature });
}`,
} as const;

export type SigningLanguage = keyof typeof SIGNING;
