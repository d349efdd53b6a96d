"""What /openapi.json says is what is served: schemathesis asks, by the document alone, and judges the answers."""

import json
import pathlib
import subprocess
import sys

import pytest
from support.coordinator import Coordinator
from support.database import Database
from support.http import Caller

SECONDS_MAX = 150
SCHEMATHESIS = pathlib.Path(sys.executable).with_name("schemathesis")
CHECKS = [
    "not_a_server_error", "status_code_conformance", "content_type_conformance",
    "response_headers_conformance", "response_schema_conformance", "unsupported_method",
    "allow_header_conformance",
]


@pytest.fixture(scope="module")
def served():
    # A database of its own: schemathesis goes on with ids that it was shown, and what another coordinator drives is
    # UNAVAILABLE here. A deadline ends what the requests begin; the documents' own can be far away.
    with Database.create() as own, Coordinator.start(own.url, "--deadline", "1s") as running:
        yield running


def test_the_document_names_every_method_and_message(served):
    document = Caller(served.http).get("/openapi.json").json
    assert document["openapi"] == "3.1.0"
    operations = {
        operation["operationId"]: (method, path)
        for path, item in document["paths"].items() for method, operation in item.items()}
    assert operations["Coordinator_Commit"] == ("post", "/v1/transactions/{id}:commit")
    assert len(operations) >= 9
    text = json.dumps(document)
    schemas = document["components"]["schemas"]
    for reference in set(text.split('"#/components/schemas/')[1:]):
        assert reference.split('"')[0] in schemas
    assert schemas["caravan.v1.Branch"]["properties"]["level"]["description"].startswith("Levels run")


def test_no_answer_is_a_500_or_one_that_the_document_does_not_allow(served, tmp_path):
    done = subprocess.run(
        [str(SCHEMATHESIS), "run", served.http + "/openapi.json", "--seed", "20260131",
         "--checks", ",".join(CHECKS), "--phases", "examples,coverage,fuzzing",
         "--max-examples", "40", "--request-timeout", "10", "--continue-on-failure",
         "--generation-database", "none", "--suppress-health-check", "all", "--no-color",
         # A watch of what goes on lasts as long as that does: test_http.py has it.
         "--exclude-path-regex", ":watch$"],
        cwd=tmp_path, capture_output=True, text=True, timeout=SECONDS_MAX, check=False)
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
