"""Files over HTTP: how they come in, what is refused, and who gets them."""

from __future__ import annotations

import asyncio
import io
from typing import Any
from uuid import UUID, uuid4

import pytest
from msgspec.structs import replace
from PIL import Image

from api.file_contents import disposition
from domain import streams
from domain.conversation.commands import Close, Post, Start
from domain.conversation.events import Body
from domain.envelope import Actor
from domain.errors import Refused
from domain.streams import visitor
from tests.doubles.tenancy import Tenant
from tests.fixtures.uploading import FILES, TEXT, begin, fetch, picture, put, send
from tests.unit.api.conftest import Site, Talk, bearer, check_problem

SMALL = b"hello\n"


async def post(site: Site, tenant: Tenant, talk: Talk, file: str, actor: Actor, **more: Any) -> Any:
    """Post a file to a conversation."""
    command = Post(site.world.ids.uuid(), UUID(talk.id), Body(file=file), **more)
    caller = await site.world.doors.authenticate(
        talk.token if actor.role == "visitor" else await tenant.agent_token()
    )
    return await site.world.send(tenant.log, command, caller.actor)


# --- in ------------------------------------------------------------------------------------------


async def test_a_file_comes_in_chunks_and_is_sent(site: Site, demo: Tenant) -> None:
    """Each chunk says how far it is, the last what it was; a message then carries it."""
    talk = await site.talk(demo)
    said = (await begin(site.client, talk.token, "note.txt", len(TEXT))).json()
    file, chunk = said["file"], said["chunk_bytes"]
    first = (await put(site.client, talk.token, file, 0, TEXT[:chunk])).json()
    assert first == {"file": file, "received": chunk, "size": len(TEXT), "chunk_bytes": chunk}
    answer = None
    for offset in range(chunk, len(TEXT), chunk):
        answer = await put(site.client, talk.token, file, offset, TEXT[offset : offset + chunk])
    assert answer is not None
    stored = answer.json()
    assert (stored["name"], stored["media_type"]) == ("note.txt", "text/plain")
    assert (stored["size"], stored["thumbnail"]) == (len(TEXT), False)
    await post(site, demo, talk, file, Actor("visitor", talk.visitor))
    events = await site.world.store.read_stream(demo.log, f"conversation-{talk.id}", 0, 100)
    posted = events[-1].data
    assert posted.body == Body(file=file)
    assert (posted.file.name, posted.file.size) == ("note.txt", len(TEXT))
    assert (await fetch(site.client, talk.token, file)).content == TEXT
    assert (await fetch(site.client, await demo.agent_token(), file)).content == TEXT


async def test_a_chunk_sent_again_changes_nothing(site: Site, demo: Tenant) -> None:
    """Neither a lost answer, nor another text in its place, nor two at once; the last too."""
    talk = await site.talk(demo)
    file = (await begin(site.client, talk.token, "note.txt", 1_500)).json()["file"]
    both = await asyncio.gather(
        *(put(site.client, talk.token, file, 0, each * 1_000) for each in (b"a", b"b"))
    )
    assert [each.json()["received"] for each in both] == [1_000, 1_000]
    one = (await put(site.client, talk.token, file, 1_000, b"c" * 500)).json()
    again = (await put(site.client, talk.token, file, 1_000, b"d" * 500)).json()
    assert one == again
    content = (await fetch(site.client, talk.token, file)).content
    assert content in {b"a" * 1_000 + b"c" * 500, b"b" * 1_000 + b"c" * 500}
    assert len(site.shelf.blobs.kept) == 2


async def test_an_interrupted_file_goes_on_where_it_was(site: Site, demo: Tenant) -> None:
    """Its sender asks how far it is; a chunk that is not the next, or not whole, is refused."""
    talk = await site.talk(demo)
    file = (await begin(site.client, talk.token, "note.txt", 2_500)).json()["file"]
    await put(site.client, talk.token, file, 0, b"a" * 1_000)
    asked = await site.client.get(f"{FILES}/{file}", headers=bearer(talk.token))
    assert asked.json()["received"] == 1_000
    for offset in (2_000, 500, 3_000):
        check_problem(await put(site.client, talk.token, file, offset, b"a" * 500), "wrong_offset")
    check_problem(await put(site.client, talk.token, file, 1_000, b"a" * 999), "bad_request")
    check_problem(await put(site.client, talk.token, file, 1_000, b"a" * 1_001), "too_large")
    assert (await put(site.client, talk.token, file, 1_000, b"a" * 1_000)).status_code == 200


async def test_a_store_that_is_away_is_only_for_the_moment(site: Site, demo: Tenant) -> None:
    """The sender is told to come back, and nothing was counted."""
    talk = await site.talk(demo)
    file = (await begin(site.client, talk.token, "note.txt", 6)).json()["file"]
    site.shelf.blobs.away = True
    check_problem(await put(site.client, talk.token, file, 0, SMALL), "unavailable")
    site.shelf.blobs.away = False
    assert (await put(site.client, talk.token, file, 0, SMALL)).json()["name"] == "note.txt"


@pytest.mark.parametrize(
    ("name", "size", "code"),
    [
        ("page.html", 10, "type_not_allowed"),
        ("drawing.svg", 10, "type_not_allowed"),
        ("program", 10, "type_not_allowed"),
        ("..", 10, "bad_request"),
        ("a" * 300 + ".txt", 10, "bad_request"),
        ("film.mp4", 20_001, "too_large"),
        ("empty.txt", 0, "bad_request"),
    ],
)
async def test_what_cannot_be_taken_is_refused_before_it_comes(
    site: Site, demo: Tenant, name: str, size: int, code: str
) -> None:
    """By its name and its size, in one sentence."""
    talk = await site.talk(demo)
    check_problem(await begin(site.client, talk.token, name, size), code)


@pytest.mark.parametrize(
    ("name", "raw", "code"),
    [
        ("photo.png", b"MZ\x90\x00" + bytes(2_000), "type_mismatch"),
        ("film.mp4", picture("JPEG"), "type_mismatch"),
        ("photo.jpg", b"<html><script>alert(1)</script>" * 50, "type_mismatch"),
        ("letter.pdf", b"PK\x03\x04" + bytes(100), "type_mismatch"),
        ("note.txt", b"a" * 1_500 + b"\0", "type_mismatch"),
        ("photo.png", picture()[:60] + b"\xff" * 2_000, "damaged_image"),
        ("photo.png", picture()[:-60], "damaged_image"),
    ],
)
async def test_a_file_of_false_type_is_refused_by_its_content(
    site: Site, demo: Tenant, name: str, raw: bytes, code: str
) -> None:
    """Also to one who asks again, having lost the answer; and then all of it goes."""
    talk = await site.talk(demo)
    answer = await send(site.client, talk.token, name, raw)
    check_problem(answer, code)
    ((log, file),) = site.shelf.uploads.kept
    check_problem(await put(site.client, talk.token, str(file), 0, raw[:1_000]), code)
    await site.world.clock.advance(3_600)
    assert await site.shelf.sweep.once() == 1
    assert (site.shelf.uploads.kept, site.shelf.blobs.kept) == ({}, {})
    assert await site.world.store.read_stream(log, f"file-{file}", 0, 10) == []


async def test_a_bomb_is_not_decoded(site: Site, demo: Tenant) -> None:
    """An image that is small on the line and vast in memory is refused, and soon."""
    talk = await site.talk(demo)
    bomb = io.BytesIO()
    Image.new("1", (12_000, 12_000)).save(bomb, "PNG")
    check_problem(
        await send(site.client, talk.token, "photo.png", bomb.getvalue()), "damaged_image"
    )


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("a.txt", "你好".encode("gbk")),
        ("a.csv", "a,ü\r\n".encode("utf-16")),
        ("a.pdf", b"%PDF-1.7\n1 0 obj"),
        ("a.docx", b"PK\x03\x04" + bytes(60)),
        ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)),
        ("a.mp3", b"\xff\xf3\x90\x64" + bytes(100)),
        ("a.mp4", b"\0\0\0\x20ftypiso5\0\0\2\0iso5iso6mp41"),
        ("a.m4a", b"\0\0\0\x20ftypM4A \0\0\2\0isomM4A "),
        ("a.mov", b"\0\0\0\x14ftypqt  \0\0\0\0qt  "),
        (
            "a.webm",
            b"\x1aE\xdf\xa3\x93B\x82\x84webmB\x87\x81\x02",
        ),
        ("a.heic", b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic"),
        ("a.wav", b"RIFF\x24\0\0\0WAVEfmt " + bytes(40)),
        ("a.ogg", b"OggS\0\2" + bytes(40)),
    ],
)
async def test_honest_files_are_taken(site: Site, demo: Tenant, name: str, raw: bytes) -> None:
    """Of every kind, as programs write them."""
    talk = await site.talk(demo)
    assert (await send(site.client, talk.token, name, raw)).json()["name"] == name


async def test_a_stranger_fills_no_disk(site: Site, demo: Tenant) -> None:
    """A visitor's bytes of a day are counted from their announcement; an agent's are not."""
    talk = await site.talk(demo)
    for _ in range(2):
        assert (await begin(site.client, talk.token, "a.txt", 20_000)).status_code == 201
    check_problem(await begin(site.client, talk.token, "a.txt", 20_000), "file_quota")
    token = await demo.agent_token()
    for _ in range(3):
        answer = await begin(site.client, token, "a.txt", 20_000, conversation=talk.id)
        assert answer.status_code == 201
    caller = await site.world.doors.authenticate(talk.token)
    await site.world.clock.advance(24 * 3_600 + 1)
    await site.shelf.files.begin(caller, "a.txt", 20_000, None)


async def test_nor_does_one_who_is_a_new_visitor_each_time(site: Site, demo: Tenant) -> None:
    """What comes from an address counts together; what was refused for its name does not count."""
    for _ in range(3):
        talk = await site.talk(demo)
        for _ in range(5):
            answer = await begin(site.client, talk.token, "page.html", 20_000)
            check_problem(answer, "type_not_allowed")
        assert (await begin(site.client, talk.token, "a.txt", 20_000)).status_code == 201
    talk = await site.talk(demo)
    check_problem(await begin(site.client, talk.token, "a.txt", 20_000), "file_quota")
    check_problem(await begin(site.client, talk.token, "film.mp4", 2**40), "too_large")
    token = await demo.agent_token()
    answer = await begin(site.client, token, "a.txt", 20_000, conversation=talk.id)
    assert answer.status_code == 201
    await site.world.clock.advance(24 * 3_600)
    talk = await site.talk(demo)
    assert (await begin(site.client, talk.token, "a.txt", 20_000)).status_code == 201


async def test_chunks_take_so_much_memory_and_no_more(site: Site, demo: Tenant) -> None:
    """Whoever comes while all places are taken is told to come back."""
    talk = await site.talk(demo)
    file = (await begin(site.client, talk.token, "note.txt", 6)).json()["file"]
    site.deps.receiving.now = site.shelf.settings.chunks_at_once
    check_problem(await put(site.client, talk.token, file, 0, SMALL), "busy")


# --- pictures ------------------------------------------------------------------------------------


async def test_an_image_may_be_of_another_kind_than_its_name_says(site: Site, demo: Tenant) -> None:
    """Browsers save so every day: its type is what it is."""
    talk = await site.talk(demo)
    for form, kind in (("PNG", "image/png"), ("JPEG", "image/jpeg")):
        stored = (await send(site.client, talk.token, "a.webp", picture(form))).json()
        assert (stored["name"], stored["media_type"], stored["thumbnail"]) == ("a.webp", kind, True)
        content = await fetch(site.client, talk.token, stored["file"])
        assert content.headers["content-type"] == kind


@pytest.mark.parametrize("form", ["PNG", "JPEG", "GIF", "WEBP", "AVIF"])
async def test_pictures_have_measures_and_a_thumbnail(site: Site, demo: Tenant, form: str) -> None:
    """It is a small WebP, whatever the picture was."""
    talk = await site.talk(demo)
    answer = await send(site.client, talk.token, f"a.{form}", picture(form, (600, 400)))
    stored = answer.json()
    assert (stored["width"], stored["height"], stored["thumbnail"]) == (600, 400, True)
    small = await fetch(site.client, talk.token, stored["file"], "/thumbnail")
    assert small.headers["content-type"] == "image/webp"
    image = Image.open(io.BytesIO(small.content))
    assert (image.format, image.size) == ("WEBP", (480, 320))


async def test_a_thumbnail_stands_upright_and_tells_nothing_of_the_camera(
    site: Site, demo: Tenant
) -> None:
    """The orientation is applied; where it was taken is left out."""
    talk = await site.talk(demo)
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "A camera"  # turned by a quarter; its maker
    answer = await send(site.client, talk.token, "a.jpg", picture("JPEG", (80, 40), exif=exif))
    stored = answer.json()
    assert (stored["width"], stored["height"]) == (40, 80)
    small = await fetch(site.client, talk.token, stored["file"], "/thumbnail")
    image = Image.open(io.BytesIO(small.content))
    assert image.size == (40, 80)
    assert not image.getexif()
    pixel = image.convert("RGB").getpixel((38, 2))  # the red corner, now at the top right
    assert isinstance(pixel, tuple)
    assert pixel[0] > pixel[2]


# --- out -----------------------------------------------------------------------------------------


async def test_a_download_is_nothing_but_a_download(site: Site, demo: Tenant) -> None:
    """An attachment in a sandbox, of a type that is not guessed at, for the reader's cache only."""
    talk = await site.talk(demo)
    file = (await send(site.client, talk.token, "Über.txt", SMALL)).json()["file"]
    got = await fetch(site.client, talk.token, file)
    assert got.headers["content-disposition"] == (
        "attachment; filename=\"_ber.txt\"; filename*=UTF-8''%C3%9Cber.txt"
    )
    assert got.headers["content-type"].startswith("text/plain")
    assert got.headers["x-content-type-options"] == "nosniff"
    assert got.headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert got.headers["cache-control"] == "private, no-cache"
    etag = got.headers["etag"]
    assert (
        await fetch(site.client, talk.token, file, **{"If-None-Match": etag})
    ).status_code == 304
    stranger = (await demo.visit()).token
    check_problem(await fetch(site.client, stranger, file, **{"If-None-Match": etag}), "not_found")
    head = await site.client.head(f"/files/{file}", headers=bearer(talk.token))
    assert (head.headers["content-length"], head.content) == ("6", b"")
    bare = await site.client.get(f"/files/{file}")
    check_problem(bare, "unauthorized")
    assert disposition('a"b\\c%\r.txt') == (
        "attachment; filename=\"a_b_c__.txt\"; filename*=UTF-8''a%22b%5Cc%25%0D.txt"
    )


async def test_a_name_is_what_people_see_of_it(site: Site, demo: Tenant) -> None:
    """No folders, and no marks that make a program look like a document."""
    talk = await site.talk(demo)
    answer = await send(site.client, talk.token, "C:\\tmp\\\u202efdp\n.txt", SMALL)
    assert answer.json()["name"] == "fdp.txt"


async def test_only_the_conversations_people_get_a_file(site: Site, demo: Tenant) -> None:
    """Nobody before it was sent; then its visitor, and the agents who may read the conversation."""
    talk, other = await site.talk(demo, department="sales"), await site.talk(demo)
    grace = await demo.agent_token()
    await demo.add_agent("alan@example.org", "limited", "help")
    alan = await demo.agent_token("alan@example.org")
    file = (await send(site.client, talk.token, "a.txt", SMALL)).json()["file"]
    everybody = [talk.token, other.token, grace, alan]

    async def readers() -> list[bool]:
        answers = [await fetch(site.client, token, file) for token in everybody]
        for each in answers:
            if each.status_code != 200:
                check_problem(each, "not_found")
        return [each.status_code == 200 for each in answers]

    assert await readers() == [True, False, False, False]
    await post(site, demo, talk, file, Actor("visitor", talk.visitor))
    assert await readers() == [True, False, True, False]
    for path in (FILES, "/files"):  # what is not there looks just so
        missing = await site.client.get(f"{path}/{uuid4()}", headers=bearer(grace))
        check_problem(missing, "not_found")
    known = await site.client.get(f"{FILES}/{file}", headers=bearer(grace))
    assert (known.json()["name"], known.json()["received"]) == ("a.txt", len(SMALL))
    check_problem(await site.client.get(f"{FILES}/{file}", headers=bearer(alan)), "not_found")
    check_problem(await put(site.client, other.token, file, 0, SMALL), "not_found")
    gone = await site.client.delete(f"{FILES}/{file}", headers=bearer(other.token))
    check_problem(gone, "not_found")


async def test_what_is_agents_stays_theirs(site: Site, demo: Tenant) -> None:
    """A visitor gets an agent's file once a message has it, not while it waits or is in a note."""
    talk = await site.talk(demo)
    token = await demo.agent_token()
    check_problem(await begin(site.client, token, "a.txt", 6), "bad_request")
    check_problem(
        await begin(site.client, token, "a.txt", 6, conversation=str(uuid4())), "not_found"
    )
    answer = await send(site.client, token, "a.txt", SMALL, conversation=talk.id)
    file = answer.json()["file"]
    agent = (await site.world.doors.authenticate(token)).actor
    check_problem(await fetch(site.client, talk.token, file), "not_found")
    await post(site, demo, talk, file, agent, note=True)
    check_problem(await fetch(site.client, talk.token, file), "not_found")
    assert (await fetch(site.client, token, file)).content == SMALL
    await post(site, demo, talk, file, agent)
    assert (await fetch(site.client, talk.token, file)).content == SMALL


async def test_a_message_carries_only_ones_own_file(site: Site, demo: Tenant) -> None:
    """Not a stranger's, not one of another conversation, not one that never came."""
    talk, other = await site.talk(demo), await site.talk(demo)
    token = await demo.agent_token()
    agent = (await site.world.doors.authenticate(token)).actor
    own = (await send(site.client, talk.token, "a.txt", SMALL)).json()["file"]
    answer = await send(site.client, token, "a.txt", SMALL, conversation=talk.id)
    theirs = answer.json()["file"]
    stranger = Actor("visitor", other.visitor)
    for at, file, actor in (
        (other, own, stranger),
        (other, theirs, agent),
        (talk, own, agent),
        (talk, theirs, Actor("visitor", talk.visitor)),
        (talk, str(uuid4()), agent),
        (talk, "../../etc", agent),
    ):
        with pytest.raises(Refused) as refused:
            await post(site, demo, at, file, actor)
        assert refused.value.code == "not_found"
    start = Start(site.world.ids.uuid(), Body(file=own))
    ack = await site.world.send(demo.log, start, Actor("visitor", talk.visitor))
    assert ack.conversation == talk.id


async def test_a_common_file_is_at_hand_everywhere(site: Site, demo: Tenant) -> None:
    """An admin stores it once; agents send it to whom they serve, who get it then and for good."""
    talk, other, third = await site.talk(demo), await site.talk(demo), await site.talk(demo)
    await demo.add_agent("ada@example.org", "admin")
    await demo.add_agent("alan@example.org", "limited", "help")
    ada, alan = [await demo.agent_token(f"{name}@example.org") for name in ("ada", "alan")]
    grace = (await site.world.doors.authenticate(await demo.agent_token())).actor
    file = (await send(site.client, ada, "prices.txt", SMALL)).json()["file"]
    with pytest.raises(Refused):
        await post(site, demo, talk, file, Actor("visitor", talk.visitor))
    for each in (talk, talk, other):
        await post(site, demo, each, file, grace)
    await site.world.send(demo.log, Close(site.world.ids.uuid(), UUID(other.id)), grace)
    await post(site, demo, third, file, grace, note=True)
    readers = (ada, alan, talk.token, other.token, third.token)
    answers = [await fetch(site.client, token, file) for token in readers]
    assert [each.status_code for each in answers] == [200, 200, 200, 200, 404]
    known = await site.client.get(f"{FILES}/{file}", headers=bearer(alan))
    assert known.json()["media_type"] == "text/plain"
    site.shelf.cipher.erased.add(visitor(talk.visitor))
    site.shelf.uploads.erase(demo.log, visitor(talk.visitor))
    assert (await fetch(site.client, other.token, file)).content == SMALL
    for stream in (streams.file(file), streams.common_file(file, talk.visitor)):  # both stay short
        assert len(await site.world.store.read_stream(demo.log, stream, 0, 10)) == 1


# --- gone ----------------------------------------------------------------------------------------


async def test_what_is_not_finished_goes_in_the_end(site: Site, demo: Tenant) -> None:
    """A day after its last chunk; given up, at once. What is in the log stays."""
    talk = await site.talk(demo)
    kept = (await send(site.client, talk.token, "a.txt", SMALL)).json()["file"]
    given_up = (await begin(site.client, talk.token, "b.txt", 6)).json()["file"]
    answer = await site.client.delete(f"{FILES}/{given_up}", headers=bearer(talk.token))
    assert answer.status_code == 204
    check_problem(await put(site.client, talk.token, given_up, 0, SMALL), "not_found")
    late = (await begin(site.client, talk.token, "c.txt", 1_500)).json()["file"]
    await put(site.client, talk.token, late, 0, b"a" * 1_000)
    await site.world.clock.advance(23 * 3_600)
    await site.shelf.sweep.once()
    assert len(site.shelf.blobs.kept) == 2
    await site.world.clock.advance(2 * 3_600)
    assert await site.shelf.sweep.once() == 1
    assert {str(file) for _, file in site.shelf.uploads.kept} == {kept}
    token = (await demo.visit()).token
    check_problem(await fetch(site.client, token, late), "not_found")


async def test_what_is_in_the_log_cannot_be_given_up(site: Site, demo: Tenant) -> None:
    """Nor where the node that entered it died before the register had that."""
    talk = await site.talk(demo)
    file = (await send(site.client, talk.token, "a.txt", SMALL)).json()["file"]
    key = (demo.log, UUID(file))
    for due_at in (None, site.world.clock.now() + 3_600):
        site.shelf.uploads.kept[key] = replace(site.shelf.uploads.kept[key], due_at=due_at)
        answer = await site.client.delete(f"{FILES}/{file}", headers=bearer(talk.token))
        check_problem(answer, "exists")
    assert (await fetch(site.client, talk.token, file)).content == SMALL


async def test_erased_files_cannot_be_read_and_are_removed(site: Site, demo: Tenant) -> None:
    """They are not found from that moment on; their bytes go with the next sweep."""
    talk = await site.talk(demo)
    token = await demo.agent_token()
    answer = await send(site.client, token, "a.txt", SMALL, conversation=talk.id)
    file = answer.json()["file"]
    site.shelf.cipher.erased.add(visitor(talk.visitor))
    site.shelf.uploads.erase(demo.log, visitor(talk.visitor))
    check_problem(await fetch(site.client, token, file), "not_found")
    check_problem(await begin(site.client, token, "a.txt", 6, conversation=talk.id), "erased")
    assert await site.shelf.sweep.once() == 1
    assert site.shelf.blobs.kept == {}


async def test_a_chunk_in_anothers_place_does_not_open(site: Site, demo: Tenant) -> None:
    """Whoever has the store may lose what is in it, and forge nothing."""
    talk = await site.talk(demo)
    file = (await send(site.client, talk.token, "a.txt", TEXT)).json()["file"]
    kept = site.shelf.blobs.kept
    first, second, *_ = sorted(kept)
    kept[first], kept[second] = kept[second], kept[first]
    check_problem(await fetch(site.client, talk.token, file), "damaged")
    del kept[first]
    check_problem(await fetch(site.client, talk.token, file), "damaged")
