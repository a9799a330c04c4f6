"""The DNS of the Services, asked as Caddy asks it."""

from collections.abc import Sequence

import dns.exception
import dns.message
import dns.query
import pytest

from local.edge.names import ServiceNames


def test_a_question_that_fails_does_not_end_the_answers() -> None:
    fails = [True]

    def endpoints(service: str) -> Sequence[str]:
        if fails and fails.pop():
            raise RuntimeError(f"{service} changes at this moment")
        return ["127.0.0.5:3000"]

    names = ServiceNames(endpoints)
    source = names.upstreams("edge")["dynamic_upstreams"]
    port = int(source["resolver"]["addresses"][0].rpartition(":")[2])
    question = dns.message.make_query(source["name"], "SRV")
    with pytest.raises(dns.exception.Timeout):
        dns.query.udp(question, "127.0.0.1", port=port, timeout=0.2)
    [answer] = dns.query.udp(question, "127.0.0.1", port=port, timeout=30).answer
    assert "3000 127-0-0-5.pods." in answer.to_text()
    names.close()
