"""Calls the proxy through Anthropic's SDK, which takes key and base URL from its own variables.

Prints one JSON object of what the SDK made of the answers. The key has two activations.
"""

import json

import anthropic

MESSAGES = [{"role": "user", "content": "hello"}]

client = anthropic.Anthropic()
seen = {}

message = client.messages.create(model="claude-haiku-4-5", max_tokens=64, messages=MESSAGES)
seen["message"] = message.id

with client.messages.stream(
    model="claude-sonnet-4-5", max_tokens=64, messages=MESSAGES
) as stream:
    seen["stream"] = "".join(stream.text_stream)

try:
    client.messages.create(model="claude-haiku-4-5", max_tokens=64, messages=MESSAGES)
except anthropic.APIStatusError as error:
    seen["denied"] = {
        "status": error.status_code,
        "message": error.message,
        "body": error.body,
        "denial": error.response.headers.get("till-denial"),
    }

print(json.dumps(seen))
