"""What is done with each SDK. Before this stands the code that says how: one of the others here."""

import pathlib
import time


def told(answer):
    # Headers are not the same through a proxy.
    return answer.model_dump_json(exclude={"sdk_http_response"})


def plain(**request):
    print(told(ask(**request)))


def streamed(**request):
    for event in stream(**request):
        print(told(event))


def clamped(**request):
    print(headers(**request)["till-clamped"])


def hang_up(folder, **request):
    """Closes a stream after three chunks of text. Each step is shown by a file, or waits for one."""

    def tell(name):
        pathlib.Path(folder, name).touch()

    def wait_for(name):
        end = time.monotonic() + 60
        while not pathlib.Path(folder, name).exists():
            if time.monotonic() > end:
                raise TimeoutError(name)
            time.sleep(0.005)

    events = stream(**request)
    chunks = 0
    for event in events:
        chunks += bool(text(event))
        if chunks == 3:
            break
    tell("seen")
    wait_for("close")
    events.close()
    tell("closed")
    # The end of the process would end the connection, too.
    wait_for("end")
