"""Google's generate_content."""

from google import genai

client = genai.Client()


def request(model, limit, options):
    config = {"max_output_tokens": limit, **options}
    return {"model": model, "contents": "hello", "config": config}


def ask(model, limit, **options):
    return client.models.generate_content(**request(model, limit, options))


def headers(model, limit):
    return ask(model, limit).sdk_http_response.headers


def stream(model, limit, **options):
    return client.models.generate_content_stream(**request(model, limit, options))


def text(event):
    return event.text or ""
