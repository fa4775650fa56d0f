"""Every call and every error of the published SDK, sync and async, as it comes from PyPI.

What it works with is in the environment. Prints the keys that still live, as JSON.
"""

import asyncio
import inspect
import json
import os

import openai
from till import TillClient
from till.client import AsyncTillClient, TillError
from till.openai_compat import patched_async_openai, patched_openai

ADMIN, PROXY = os.environ["ADMIN_URL"], os.environ["PROXY_URL"]
REAL = os.environ["REAL_KEY"]
ANY = {
    "text": "a b",
    "line": "a\nb",
    "marked": "json:1",
    "empty": "",
    "number": 7,
    "fraction": 0.5,
    "nothing": None,
    "yes": True,
    "list": [1, "x", None],
    "object": {"ä": {"deep": []}},
    "a=b": "c",
}
HELLO = [{"role": "user", "content": "hello"}]


async def got(value):
    return await value if inspect.isawaitable(value) else value


async def refused(call, status, code, *says):
    try:
        answer = await got(call())
    except TillError as error:
        assert (error.status_code, error.code) == (status, code), (error.code, str(error))
        assert all(said in str(error) for said in says), (says, str(error))
    else:
        raise AssertionError(f"{code}: not refused: {answer}")


async def calls(client):
    account = await got(client.account())
    assert account.scope == "tenant" and account.tenants == 1, account
    tenant = account.tenant
    assert (tenant.id, tenant.max_keys, tenant.status) == ("sdk", 20, "active"), tenant

    networks = ["127.0.0.0/8", "::1/128"]
    key = await got(
        client.create_key(
            "openai", REAL, 9, name="nightly", ip_whitelist=networks, metadata=ANY
        )
    )
    assert key.scoped_key.startswith("till_sk_"), key.id
    assert key.metadata == {**ANY, "name": "nightly"}, key.metadata
    assert key.ip_whitelist == networks, key.ip_whitelist
    assert (key.provider, key.tenant_id, key.status) == ("openai", "sdk", "active"), key
    assert (key.max_activations, key.used_activations, key.last_used_at) == (9, 0, None), key
    shown = await got(client.get_key(key.id))
    assert shown.scoped_key is None and shown.metadata == key.metadata, shown
    assert shown in await got(client.list_keys())

    # A limit of another kind takes the place of activations, and both may stand together.
    for limits in ({"max_tokens": 1000}, {"max_spend_cents": 250}):
        other = await got(client.create_key("openai", REAL, None, **limits))
        assert other.max_activations is None and other.metadata == {}, other
        assert {name: getattr(other, name) for name in limits} == limits, other
        ended = await got(client.revoke_key(other.id))
        assert (ended.id, ended.status) == (other.id, "revoked"), ended
        assert (await got(client.revoke_key(other.id))).status == "revoked"
    account = await got(client.account())
    live = [key for key in await got(client.list_keys()) if key.status == "active"]
    assert account.keys_used == len(live), account
    return key


async def errors(client, of_token):
    def create(**fields):
        whole = {"provider": "openai", "upstream_key": REAL, "max_activations": 5, **fields}
        return lambda: client.create_key(**whole)

    await refused(create(max_activations=0), 400, "bad_request", "`max_activations`", "0")
    await refused(create(max_tokens=0), 400, "bad_request", "`max_tokens`")
    await refused(create(provider="opnai"), 400, "bad_request", "`provider`", "`openai`")
    await refused(create(upstream_key="short"), 400, "bad_request", "`upstream_key`")
    await refused(create(ip_whitelist=["here"]), 400, "bad_request", "`ip_whitelist`")
    await refused(create(metadata={"": 1}), 400, "bad_request", "`metadata`")
    await refused(lambda: client.get_key("000000000000"), 404, "key_unknown")
    await refused(lambda: client.revoke_key("000000000000"), 404, "key_unknown")

    def handled(send):
        async def call():
            return client._handle(await got(send()))

        return call

    http = client._http
    text = {"Content-Type": "text/plain"}
    large = {"name": "x" * 70_000}
    for send, status, code in [
        (lambda: http.get("/admin/nothing"), 404, "not_found"),
        (lambda: http.get("/v1/models"), 404, "not_found"),
        (lambda: http.put("/admin/keys", json={}), 405, "method_refused"),
        (lambda: http.post("/admin/account", json={}), 405, "method_refused"),
        (lambda: http.post("/admin/keys", json=large), 413, "body_too_large"),
        (lambda: http.post("/admin/keys", content="{}", headers=text), 415, "content_type"),
        (lambda: http.post("/admin/keys", json={"max": 5}), 400, "bad_request"),
    ]:
        await refused(handled(send), status, code)

    bounded = of_token(os.environ["BOUNDED_TOKEN"])
    beyond = lambda: bounded.create_key("openai", REAL, 101)
    await refused(beyond, 403, "out_of_bounds", "`max_activations`", "100")
    filled = await got(bounded.create_key("openai", REAL, None))
    assert filled.max_activations == 100, filled
    await got(bounded.revoke_key(filled.id))
    await got(bounded.close())

    stranger, narrow = of_token("till_admin_mistyped"), of_token(os.environ["NARROW_TOKEN"])
    await refused(lambda: stranger.account(), 401, "token_refused", "typing error")
    brought = lambda: narrow.create_key("openai", REAL, 5)
    await refused(brought, 403, "not_granted", "bring")
    await got(stranger.close())
    await got(narrow.close())


async def through_the_proxy(key, kind, patched):
    for root in ("/v1", "/proxy/openai/v1"):
        for client in (
            patched(key.scoped_key, base_url=PROXY + root),
            kind(api_key=key.scoped_key, base_url=PROXY + root),
        ):
            chat = client.chat.completions.create(model="gpt-4o-mini", messages=HELLO)
            assert (await got(chat)).choices[0].message.content
            await got(client.close())


async def main():
    living = []
    for kind, agent, patched in [
        (TillClient, openai.OpenAI, patched_openai),
        (AsyncTillClient, openai.AsyncOpenAI, patched_async_openai),
    ]:
        client = kind(admin_key=os.environ["TOKEN"], base_url=ADMIN)
        key = await calls(client)
        await errors(client, lambda token: kind(admin_key=token, base_url=ADMIN))
        await through_the_proxy(key, agent, patched)
        living.append({"id": key.id, "key": key.scoped_key})
        await got(client.close())
    print(json.dumps(living))


asyncio.run(main())
