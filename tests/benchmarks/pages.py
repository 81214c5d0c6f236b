"""How fast the shop window is, as a share of a bare cached view measured in the same run.

``python -m tests.benchmarks.pages [--products 10000] [--seconds 8]`` by hand, on a database of
its own (``DATABASE_URL``): it generates what is missing to the number of listings. Needs wrk;
takes Redis as the cache when redis-server is there, else each worker's own memory. Two sync
gunicorn workers, eight connections. Prints S1, S4 and S5 of the promises beside their floors.

The workers' own processor time for a request stands beside the rate: on a machine busy with
other things it says more. It leaves out the database's part.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import NamedTuple

WORKERS = "2"
CONNECTIONS = "8"


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--products", type=int, default=200)
    options.add_argument("--seconds", type=int, default=8)
    asked = options.parse_args()
    if not shutil.which("wrk"):
        sys.exit("wrk is not installed; nothing can be measured.")
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.benchmarks.settings"
    paths = _paths(asked.products)
    with ExitStack() as stack:
        cache = stack.enter_context(redis())
        environment = {**os.environ, **({"CACHE_URL": cache} if cache else {})}
        print(f"cache: {'Redis' if cache else 'locmem'}; {asked.products} listings")
        with served("tests.benchmarks.ceiling", environment) as address:
            ceiling = measure(f"{address}/", asked.seconds)
        print(f"{'ceiling':16s} {ceiling.rate:8.1f} req/s  {ceiling.cpu_ms:6.2f} ms")
        floors = {200: 3.0, 10_000: 2.7, 100_000: 2.3}
        s1 = floors.get(asked.products, 2.3)
        with served("marketplace.wsgi", {**environment, "UNCACHED": "1"}) as address:
            for name, floor in (("list", s1), ("category", s1), ("product", 7.0), ("search", None)):
                report(name, address + paths[name], ceiling, floor, asked.seconds)
            print(f"worker  {worker_megabytes():10.0f} MB (S8: at most 220)")
        with served("marketplace.wsgi", environment) as address:
            for name in ("list", "product"):
                report(f"{name}, cached", address + paths[name], ceiling, 60.0, asked.seconds)


def _paths(products: int) -> dict[str, str]:
    """Addresses to ask for; makes the goods that are missing."""
    import django

    django.setup()
    from catalogue.models import Category
    from catalogue.queries import public_listings
    from marketplace.demo.loading.generated import generate
    from search.models import ProductDocument

    missing = products - public_listings().count()
    if missing > 0:
        generate(missing, seed=products)
    product = ProductDocument.objects.select_related("product").order_by("pk").last().product
    shelf = Category.objects.get(pk=ProductDocument.objects.get(pk=product.pk).category_ids[0])
    return {
        "list": "/san-pham/",
        "category": shelf.get_absolute_url(),
        "product": product.get_absolute_url(),
        "search": "/tim-kiem/?q=xoai+cat",
    }


class Measured(NamedTuple):
    """Requests in a second, and milliseconds of processor time that the workers took for one."""

    rate: float
    cpu_ms: float


def report(name: str, url: str, ceiling: Measured, floor: float | None, seconds: int) -> None:
    """Measure one page and print its shares."""
    page = measure(url, seconds)
    share = 100 * page.rate / ceiling.rate
    is_held = floor is not None and share >= floor
    verdict = "" if floor is None else f"  (floor {floor} %: {'held' if is_held else 'MISSED'})"
    print(
        f"{name:16s} {page.rate:8.1f} req/s  {page.cpu_ms:6.2f} ms  {share:6.2f} %{verdict}",
        flush=True,
    )


def measure(url: str, seconds: int) -> Measured:
    """What wrk counts after two seconds of warming up; fails on answers that are no success."""
    # Workers load the project when they start: until it answers, nothing is to be measured.
    for _ in range(8):
        urllib.request.urlopen(url, timeout=120).read()  # noqa: S310
    wrk(url, 2)
    before = sum(worker_ticks())
    said = wrk(url, seconds)
    ticks = sum(worker_ticks()) - before
    count = int(re.search(r"(\d+) requests in", said)[1])
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", said)[1])
    return Measured(rate, 1000 * ticks / os.sysconf("SC_CLK_TCK") / max(count, 1))


def wrk(url: str, seconds: int) -> str:
    """Ask for one address with eight connections and return what wrk says."""
    said = subprocess.run(
        ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "-H", "Accept-Encoding: gzip", url],  # noqa: S607
        capture_output=True, text=True, check=True,
    ).stdout
    if "Non-2xx" in said:
        raise RuntimeError(said)
    return said


@contextmanager
def served(module: str, environment: dict[str, str]) -> Iterator[str]:
    """Serve a WSGI application by two workers for the time of the block."""
    port = free_port()
    server = subprocess.Popen(
        [
            sys.executable, "-m", "gunicorn", f"{module}:application", "-w", WORKERS,
            "-b", f"127.0.0.1:{port}", "--log-level", "error", "--no-control-socket",
        ],
        env=environment,
        stdout=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    served.process = server
    try:
        wait_for(port, server)
        yield address
    finally:
        server.terminate()
        server.wait(20)


@contextmanager
def redis() -> Iterator[str]:
    """A Redis of our own for the time of the block; empty where it is not installed."""
    if not shutil.which("redis-server"):
        yield ""
        return
    port = free_port()
    server = subprocess.Popen(
        ["redis-server", "--port", str(port), "--save", "", "--appendonly", "no"],  # noqa: S607
        stdout=subprocess.DEVNULL,
    )
    try:
        wait_for(port, server)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.terminate()
        server.wait(10)


def wait_for(port: int, server: subprocess.Popen) -> None:
    """Until somebody listens, at most a minute."""
    for _ in range(600):
        if server.poll() is not None:
            raise RuntimeError(f"the server ended with {server.returncode}")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError("nobody listens")


def free_port() -> int:
    """A port that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def workers() -> Iterator[str]:
    """The process folders of the workers of the server that runs now (Linux)."""
    parent = str(served.process.pid)
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                with open(f"/proc/{entry}/stat") as file:
                    after_name = file.read().rsplit(")", 1)[1].split()
            except OSError:
                continue
            if after_name[1] == parent:
                yield f"/proc/{entry}"


def worker_ticks() -> Iterator[int]:
    """Processor time of each worker so far, in clock ticks."""
    for folder in workers():
        with open(f"{folder}/stat") as file:
            after_name = file.read().rsplit(")", 1)[1].split()
        yield int(after_name[11]) + int(after_name[12])


def worker_megabytes() -> float:
    """Memory of the largest worker of the server that runs now."""
    sizes = []
    for folder in workers():
        with open(f"{folder}/status") as file:
            status = dict(line.split(":", 1) for line in file if ":" in line)
        sizes.append(int(status["VmRSS"].split()[0]) / 1024)
    return max(sizes)


if __name__ == "__main__":
    main()
