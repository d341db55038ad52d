"""Stock: the shop's service in Python, with nothing but its standard library.

It writes JSON lines to a file, which `sillok ship --follow` sends, and one span per reservation by OTLP over HTTP.
"""

import json
import os
import queue
import re
import secrets
import sys
import threading
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PRICES = {"tea": 4000, "cup": 12000, "kettle": 39000}
TRACEPARENT = re.compile(r"^00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$")
# Whom a request is for: pseudonyms that the services inside hand on, never the ids themselves.
BAGGAGE = re.compile(r"sillok\.(global_trace_id|session_hash|user_hash)=([A-Za-z0-9_.:-]{1,128})")
LOG = open(os.environ["STOCK_LOG"], "a", encoding="utf-8")
LOCK = threading.Lock()
SPANS = queue.Queue(maxsize=1000)
left = {item: 1_000_000 for item in PRICES}


def write(level, message, **fields):
    record = {"time": str(time.time_ns()), "level": level, "message": message, "service.name": "stock", **fields}
    with LOCK:
        LOG.write(json.dumps(record, ensure_ascii=False) + "\n")
        LOG.flush()


class Stock(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.serve(lambda: (200, left))

    def do_POST(self):
        self.serve(self.reserve)

    def reserve(self):
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        item, quantity = body["item"], int(body["quantity"])
        started = time.time_ns()
        if item not in PRICES or left[item] < quantity:
            write("warn", "out of stock", item=item, **self.ids)
            return 409, {"error": "out_of_stock"}
        with LOCK:
            left[item] -= quantity
        write("info", "reserved", item=item, quantity=quantity, **self.ids)
        SPANS.put((self.ids, "reserve", started, time.time_ns()))
        return 200, {"amount": PRICES[item] * quantity}

    def serve(self, answer):
        began = time.perf_counter()
        caller = TRACEPARENT.match(self.headers.get("traceparent", ""))
        self.ids = {"trace_id": caller.group(1) if caller else secrets.token_hex(16), "span_id": secrets.token_hex(8)}
        self.ids.update((name, value) for name, value in BAGGAGE.findall(self.headers.get("baggage", "")))
        status, body = answer()
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
        write(
            "info" if status < 400 else "warn",
            f"{self.command} {self.path} {status}",
            kind="access",
            duration_ms=round((time.perf_counter() - began) * 1000, 3),
            **{"http.request.method": self.command, "http.route": self.path, "url.path": self.path},
            **{"http.response.status_code": status, "client.address": self.client_address[0]},
            **({"parent_span_id": caller.group(2)} if caller else {}),
            **self.ids,
        )

    def log_message(self, *_):
        pass


def export_spans():
    """Spans leave on a thread of their own: a server that is away must not hold up a reservation."""
    while True:
        ids, name, start, end = SPANS.get()
        span = {
            "traceId": ids["trace_id"], "spanId": secrets.token_hex(8), "parentSpanId": ids["span_id"],
            "name": name, "kind": 1, "startTimeUnixNano": str(start), "endTimeUnixNano": str(end),
        }
        resource = {"attributes": [{"key": "service.name", "value": {"stringValue": "stock"}}]}
        body = {"resourceSpans": [{"resource": resource, "scopeSpans": [{"spans": [span]}]}]}
        request = urllib.request.Request(
            os.environ["SILLOK_URL"] + "/v1/traces",
            data=json.dumps(body).encode(),
            headers={"content-type": "application/json", "authorization": "Bearer " + os.environ["SILLOK_KEY"]},
        )
        try:
            urllib.request.urlopen(request, timeout=5).read()
        except OSError as error:
            print("a span was not taken:", error, file=sys.stderr)


def end_with_parent():
    """Whoever started us holds the other end of standard input: when it closes, we are not needed any more."""
    sys.stdin.read()
    os._exit(0)


threading.Thread(target=export_spans, daemon=True).start()
threading.Thread(target=end_with_parent, daemon=True).start()
server = ThreadingHTTPServer(("127.0.0.1", 0), Stock)
print("port", server.server_port, flush=True)
server.serve_forever()
