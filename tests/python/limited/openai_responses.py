"""OpenAI's responses."""

import openai

client = openai.OpenAI()


def request(model, limit, options):
    return {"model": model, "input": "hello", "max_output_tokens": limit, **options}


def ask(model, limit, **options):
    return client.responses.create(**request(model, limit, options))


def headers(model, limit):
    return client.responses.with_raw_response.create(**request(model, limit, {})).headers


def stream(model, limit, **options):
    return client.responses.create(**request(model, limit, options), stream=True)


def text(event):
    return event.delta if event.type == "response.output_text.delta" else ""
