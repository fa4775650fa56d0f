"""Anthropic's messages."""

import anthropic

client = anthropic.Anthropic()


def request(model, limit, options):
    messages = [{"role": "user", "content": "hello"}]
    return {"model": model, "messages": messages, "max_tokens": limit, **options}


def ask(model, limit, **options):
    return client.messages.create(**request(model, limit, options))


def headers(model, limit):
    return client.messages.with_raw_response.create(**request(model, limit, {})).headers


def stream(model, limit, **options):
    return client.messages.create(**request(model, limit, options), stream=True)


def text(event):
    return event.delta.text if event.type == "content_block_delta" else ""
