"""DNS of the Services: which pods stand behind each at this moment.

Caddy asks it, because a load of another configuration is no way to tell Caddy about a pod that comes or goes: Caddy
2.11.7 closes connections that it has accepted a moment before a load without an answer, or resets them (seen: 1,215 of
73,301 requests, over 367 loads). A load balancer loses no request when a target is registered.
"""

import socketserver
import threading
from collections.abc import Callable, Sequence
from typing import Any, final

import dns.exception
import dns.flags
import dns.message
import dns.rdatatype
import dns.rrset

_SERVICES = ".services."
_PODS = ".pods."
_ADDRESS = "127.0.0.1"


@final
class ServiceNames:
    """Answers on a free UDP port of loopback."""

    def __init__(self, endpoints: Callable[[str], Sequence[str]]) -> None:
        """`endpoints` returns `address:port` of the ready pods of a service by the name that `upstreams` was given."""
        self._endpoints = endpoints
        self._closing = False
        names = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                data, socket = self.request
                try:
                    answer = names._answer(dns.message.from_wire(data))  # the class around it
                except dns.exception.DNSException:
                    return  # not a question: nobody waits
                socket.sendto(answer.to_wire(), self.client_address)

        self._server = socketserver.UDPServer((_ADDRESS, 0), Handler)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while not self._closing:  # serve_forever would look only twice a second whether it is to end
            self._server.handle_request()

    def close(self) -> None:
        """Answer no more."""
        self._closing = True
        self._server.socket.sendto(b"", self._server.server_address)  # ends the wait for a question
        self._thread.join()
        self._server.server_close()

    @property
    def _resolver(self) -> dict[str, Any]:
        return {"addresses": [f"udp/{_ADDRESS}:{self._server.server_address[1]}"]}

    def upstreams(self, service: str) -> dict[str, Any]:
        """Return what makes a Caddy `reverse_proxy` ask for the pods of a service, at most 20 times a second."""
        source = {"source": "srv", "name": service + _SERVICES, "refresh": "50ms", "resolver": self._resolver}
        return {"dynamic_upstreams": source, "transport": {"protocol": "http", "resolver": self._resolver}}

    def _answer(self, query: dns.message.Message) -> dns.message.Message:
        answer = dns.message.make_response(query)
        answer.flags |= dns.flags.AA
        for question in query.question:
            name = question.name.to_text()
            if question.rdtype == dns.rdatatype.SRV and name.endswith(_SERVICES):
                records = [_service(endpoint) for endpoint in self._endpoints(name.removesuffix(_SERVICES))]
            elif question.rdtype == dns.rdatatype.A and name.endswith(_PODS):
                records = [name.removesuffix(_PODS).replace("-", ".")]
            else:
                records = []
            if records:
                answer.answer.append(dns.rrset.from_text(question.name, 0, "IN", question.rdtype, *records))
        return answer


def _service(endpoint: str) -> str:
    """Priority, weight, port and name, as an SRV record has them; the name holds the address, as that of a pod does."""
    address, _, port = endpoint.rpartition(":")
    return f"0 0 {port} {address.replace('.', '-')}{_PODS}"
