"""Calls the proxy through OpenAI's SDK, which takes key and base URL from its own variables.

Prints one JSON object of what the SDK made of the answers. The key has four activations.
"""

import json

import openai

MESSAGES = [{"role": "user", "content": "hello"}]

client = openai.OpenAI()
seen = {}

chat = client.chat.completions.create(model="gpt-4.1-nano", messages=MESSAGES)
seen["chat"] = chat.choices[0].message.content

stream = client.chat.completions.create(model="gpt-4.1-nano", messages=MESSAGES, stream=True)
seen["chat_stream"] = "".join(
    chunk.choices[0].delta.content or "" for chunk in stream if chunk.choices
)

response = client.responses.create(model="gpt-5.3-codex", input="hello")
seen["responses"] = response.output_text

stream = client.responses.create(model="gpt-5.4", input="hello", stream=True)
seen["responses_stream"] = [event.type for event in stream]

try:
    client.chat.completions.create(model="gpt-4.1-nano", messages=MESSAGES)
except openai.APIStatusError as error:
    seen["denied"] = {
        "status": error.status_code,
        "code": error.code,
        "message": error.message,
        "denial": error.response.headers.get("till-denial"),
    }

print(json.dumps(seen))
