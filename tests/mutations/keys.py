"""Mutations of what is encrypted, keyed and chained, and of what an erasure leaves."""

from __future__ import annotations

from tests.mutations.mutation import Mutation

CIPHER = "tests/unit/test_cipher.py"
KEYS = "tests/integration/postgres/test_keys.py"

MUTATIONS = (
    Mutation(
        name="chain-leaves-the-actor-out",
        file="domain/chain.py",
        before="        link.actor_id,\n",
        after="",
        breaks="The chain covers every field of an event: who wrote it, too.",
        tests=("tests/unit/domain/test_chain.py",),
        quick=True,
    ),
    Mutation(
        name="chain-in-sql-leaves-the-actor-out",
        file="adapters/postgres/sql/migrations/0003_chain.sql",
        before="    || int4send(octet_length(p_actor_id)) || convert_to(p_actor_id, 'UTF8')\n",
        after="",
        breaks="PostgreSQL chains as Python does, to the byte.",
        tests=("tests/integration/postgres/test_verification.py::test_sql_and_python_hash_alike",),
    ),
    Mutation(
        name="associated-data-without-the-event-id",
        file="adapters/postgres/cipher.py",
        before="            place.event_id.bytes,\n",
        after='            b"",\n',
        breaks="What was written in one event cannot be passed off as another's.",
        tests=(CIPHER,),
    ),
    Mutation(
        name="nonce-used-for-a-whole-batch",
        file="adapters/postgres/batch.py",
        before="drawn[at : at + NONCE_BYTES] for at",
        after="drawn[:NONCE_BYTES] for at",
        breaks="No two texts are encrypted under one key with one nonce.",
        tests=(f"{KEYS}::test_no_nonce_is_used_twice",),
    ),
    Mutation(
        name="nonce-of-a-lone-event-always-the-same",
        file="adapters/postgres/store.py",
        before="nonce = self._ids.random(NONCE_BYTES)",
        after="nonce = bytes(NONCE_BYTES)",
        breaks="No two texts are encrypted under one key with one nonce.",
        tests=(f"{KEYS}::test_no_nonce_is_used_twice",),
    ),
    Mutation(
        name="command-digest-not-compared",
        file="adapters/postgres/store.py",
        before="same=stored.digest == key.command_digest(content)",
        after="same=True",
        breaks="An id that was used for something else is no duplicate.",
        tests=(
            "tests/contract/test_event_store_append.py::test_the_same_id_with_another_content_is_told_apart",
        ),
    ),
    Mutation(
        name="wrapped-key-bound-to-nobody",
        file="adapters/postgres/masterkeys.py",
        before="return fields(_PURPOSE, name.log, name.subject, name.key_id)",
        after="return fields(_PURPOSE, name.log)",
        breaks="A subject's key row is of no use in another subject's place.",
        tests=(CIPHER,),
    ),
    Mutation(
        name="key-in-memory-never-gets-old",
        file="adapters/postgres/keys.py",
        before="self._clock.monotonic() - since > self._age_s",
        after="False",
        breaks="An erasure on another node is felt by those who read here, soon.",
        tests=(f"{KEYS}::test_an_erasure_elsewhere_is_felt_when_the_key_gets_old",),
    ),
    Mutation(
        name="erased-text-still-served",
        file="adapters/postgres/keys.py",
        before="        self.forget(log, subject)\n",
        after="",
        breaks="What was erased is served no more by the node that erased it.",
        tests=(
            "tests/contract/test_event_store_erasure.py::test_erased_events_keep_their_place_only",
        ),
    ),
    Mutation(
        name="erased-conversation-keeps-its-row",
        file="projections/sessions/evolve.py",
        before="            return erased(row)\n",
        after="            return row\n",
        breaks="A view shows nothing personal of a conversation that was erased.",
        tests=("tests/unit/projections/test_laws.py",),
    ),
    Mutation(
        name="damaged-event-taken-for-erased",
        file="domain/visibility.py",
        before="erased=event.data is None and not event.damaged,",
        after="erased=event.data is None,",
        breaks="What cannot be read is not said to be erased.",
        tests=("tests/unit/domain/test_visibility.py",),
    ),
)
