"""OpenAI's chat completions."""

import openai

client = openai.OpenAI()


def request(model, limit, options):
    messages = [{"role": "user", "content": "hello"}]
    return {"model": model, "messages": messages, "max_completion_tokens": limit, **options}


def ask(model, limit, **options):
    return client.chat.completions.create(**request(model, limit, options))


def headers(model, limit):
    return client.chat.completions.with_raw_response.create(**request(model, limit, {})).headers


def stream(model, limit, **options):
    return client.chat.completions.create(**request(model, limit, options), stream=True)


def text(event):
    return "".join(choice.delta.content or "" for choice in event.choices)
