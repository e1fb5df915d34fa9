"""Mutations of the doors, of presence and of rates: who comes in, for how long, how fast."""

from __future__ import annotations

from tests.mutations.mutation import Mutation

SQL = "adapters/postgres/sql/migrations/0009_sessions.sql"
CALLERS = "domain/handling/callers.py"
TOKENS = "domain/tokens.py"
IDENTITIES = "domain/handling/identities.py"

KEPT = "tests/contract/test_sessions.py"
DOORS = "tests/unit/test_doors.py"
TOKEN = "tests/unit/test_tokens.py"

MUTATIONS = (
    Mutation(
        name="nonce-reusable",
        file=SQL,
        before="    v_new := FOUND;\n",
        after="    v_new := true;\n",
        breaks="A signed identity is exchanged once, on whatever node.",
        tests=(f"{KEPT}::test_a_nonce_is_used_once",),
    ),
    Mutation(
        name="nonce-use-not-looked-at",
        file=IDENTITIES,
        before="        if not used:\n",
        after="        if False:\n",
        breaks="Of two requests with one identity one gets in.",
        tests=(DOORS,),
    ),
    Mutation(
        name="identity-signature-not-checked",
        file=IDENTITIES,
        before="if digests.same(digests.identity_signature(secret, *signed), said):",
        after="if secret:",
        breaks="Only the site's own back end says who its visitor is.",
        tests=(DOORS,),
    ),
    Mutation(
        name="identity-good-for-ever",
        file=IDENTITIES,
        before="if abs(now - identity.timestamp) > window:",
        after="if window < 0:",
        breaks="A signed identity is good for five minutes.",
        tests=(DOORS,),
    ),
    Mutation(
        name="revoked-secret-kin-still-opens",
        file=SQL,
        before="WHERE tenant = p_log AND family = (\n        SELECT family FROM",
        after="WHERE tenant = p_log AND digest = (\n        SELECT digest FROM",
        breaks="Who signs out ends every secret that came of the same sign-in.",
        tests=(f"{KEPT}::test_a_revocation_is_of_the_whole_line",),
    ),
    Mutation(
        name="revoked-secret-still-opens",
        file="domain/handling/renewals.py",
        before="            await self._sessions.revoke_secret(renewal.log, renewal.digest)\n",
        after="            pass\n",
        breaks="A secret that was revoked opens nothing.",
        tests=(DOORS,),
    ),
    Mutation(
        name="successor-outlives-a-revocation",
        file=SQL,
        before="        IF NOT FOUND THEN\n            RETURN;\n        END IF;\n    END IF;",
        after="        v_family := coalesce(v_family, p_digest);\n    END IF;",
        breaks="A successor that was on its way when its line was revoked is worth nothing.",
        tests=(f"{KEPT}::test_no_successor_outlives_a_revocation",),
    ),
    Mutation(
        name="retired-secret-still-opens",
        file=SQL,
        before="p_now < least(expires_at, coalesce(retires_at, 'infinity'))",
        after="p_now < expires_at",
        breaks="A secret is good until its successor was used and the grace is over, not longer.",
        tests=(f"{KEPT}::test_a_used_successor_retires_after_the_grace",),
    ),
    Mutation(
        name="token-signature-not-checked",
        file=TOKENS,
        before="return body if any(matches) else None",
        after="return body if matches else None",
        breaks="A token is good only with our signature.",
        tests=(TOKEN,),
    ),
    Mutation(
        name="token-never-expires",
        file=TOKENS,
        before="if now >= claims.expires_at:",
        after="if False:",
        breaks="A token ends when it says so.",
        tests=(TOKEN,),
    ),
    Mutation(
        name="secret-of-another-tenant-accepted",
        file="domain/handling/visitor_door.py",
        before="if held is None or held.renewal.log != site.log:",
        after="if held is None:",
        breaks="A visitor of one tenant is nobody at another's site.",
        tests=(DOORS,),
    ),
    Mutation(
        name="token-at-another-tenants-site",
        file=CALLERS,
        before="if visitor.erased or site.log != claims.log:",
        after="if visitor.erased:",
        breaks="A token is good at the sites of its own tenant.",
        tests=(DOORS,),
    ),
    Mutation(
        name="token-of-an-erased-visitor",
        file=CALLERS,
        before="if visitor.erased or site.log != claims.log:",
        after="if site.log != claims.log:",
        breaks="After an erasure its visitor's token opens nothing.",
        tests=(DOORS,),
    ),
    Mutation(
        name="token-of-an-old-password",
        file=CALLERS,
        before="if claims.password != agent.passwords:",
        after="if False:",
        breaks="A new password ends all that was signed in under the old one.",
        tests=(DOORS,),
    ),
    Mutation(
        name="api-key-secret-not-compared",
        file=CALLERS,
        before="if key is None or not compare_digest(key.digest, parsed.digest):",
        after="if key is None:",
        breaks="An API key's name alone opens nothing.",
        tests=(DOORS,),
    ),
    Mutation(
        name="any-page-may-use-the-site",
        file=CALLERS,
        before="return not origins or origin is None or is_among(origin, origins)",
        after="return True",
        breaks="Only the pages that a site names may use its chat.",
        tests=(DOORS,),
    ),
    Mutation(
        name="answer-shared-that-is-older-than-the-question",
        file="domain/joined.py",
        before="        self._asking, self._next = self._next, None\n"
        "        return await self._ask()\n",
        after="        self._asking = self._next\n"
        "        answer = await self._ask()\n"
        "        self._next = None\n"
        "        return answer\n",
        breaks="Who asks with many others gets nothing that is older than its question.",
        tests=("tests/unit/domain/test_joined.py",),
    ),
    Mutation(
        name="presence-without-grace",
        file="adapters/presence/in_process.py",
        before="self._clock.monotonic() + self._settings.grace_s",
        after="self._clock.monotonic()",
        breaks="A page that loads anew is not told as a going and a coming.",
        tests=("tests/unit/websocket/test_presence.py",),
    ),
    Mutation(
        name="presence-ends-with-the-first-socket",
        file="adapters/presence/in_process.py",
        before="            if not sockets:\n                self._sockets.pop(person, None)\n",
        after="            if True:\n                self._sockets.pop(person, None)\n",
        breaks="Who has another socket open is still there.",
        tests=("tests/contract/test_presence.py::test_whoever_has_another_socket_stays",),
    ),
    Mutation(
        name="rate-limit-never-refuses",
        file="adapters/limits/token_buckets.py",
        before="        if bucket.left < count:\n",
        after="        if False:\n",
        breaks="Who is faster than the limit waits.",
        tests=("tests/contract/test_rate_limits.py::test_a_burst_and_then_the_pace",),
    ),
    Mutation(
        name="rate-limit-in-redis-never-refuses",
        file="adapters/redis/lua/take.lua",
        before="if wait >= 1 then",
        after="if wait < 0 and wait >= 1 then",
        breaks="Who is faster than the limit waits, over all nodes together.",
        tests=("tests/contract/test_rate_limits.py::test_a_burst_and_then_the_pace",),
    ),
    Mutation(
        name="rate-limit-shared-by-all",
        file="adapters/limits/token_buckets.py",
        before="bucket = self._buckets.get((rate.name, key))",
        after="bucket = next(iter(self._buckets.values()), None)",
        breaks="One person's haste slows no other.",
        tests=("tests/contract/test_rate_limits.py::test_keys_and_limits_do_not_share",),
    ),
)
