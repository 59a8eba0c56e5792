"""What a program may ask of the simulated Siècle, through its HTTP door."""

import hashlib
from uuid import UUID, uuid4

from siecle_sync import contract

HEADER = ",".join(contract.COLUMNS)
BODY = f'{HEADER}\n1,DIVISION,d,0690001A,2025,3E,,3 A,,,,,,,"{{""label"": ""3 A""}}"\n'.encode()
UNKNOWN = UUID(int=7)  # a deposit that nobody made
EACH_READING = (
    contract.report_path(UNKNOWN),
    contract.report_lines_path(UNKNOWN, after=0),
    contract.feed_path(academy="10", year=2025, level="3E", after=0),
)


def put(client, body=BODY, *, uuid=None, token="test-token", **changed):
    headers = {
        "Authorization": f"Bearer {token}",
        contract.H_VERSION: contract.VERSION,
        contract.H_ACADEMY: "10",
        contract.H_YEAR: "2025",
        contract.H_LEVEL: "3E",
        contract.H_DIGEST: hashlib.sha256(body).hexdigest(),
        contract.H_LINES: str(body.count(b"\n") - 1),
        **changed,
    }
    path = contract.deposit_path(uuid or uuid4())
    return client.put(path, data=body, content_type="text/csv", headers=headers)


def get(client, path, token="test-token"):
    return client.get(path, headers={"Authorization": f"Bearer {token}", contract.H_VERSION: contract.VERSION})
