"""Python classes for what stands in Protos/, made afresh by grpcio-tools."""

import atexit
import shutil
import sys
import tempfile
from pathlib import Path

PROTOS = Path(__file__).resolve().parents[2] / "Protos"

# google.rpc is there already: googleapis-common-protos has it.
FILES = ["caravan/v1/transaction.proto", "caravan/v1/coordinator.proto"]


def generate():
    """Makes the classes importable: `caravan.v1.coordinator_pb2` and the like."""
    if "caravan.v1.coordinator_pb2" in sys.modules:
        return
    import grpc_tools
    from grpc_tools import protoc

    target = tempfile.mkdtemp(prefix="caravan-stubs.")
    atexit.register(shutil.rmtree, target, ignore_errors=True)
    include = Path(grpc_tools.__file__).parent / "_proto"
    status = protoc.main(
        ["protoc", f"-I{PROTOS}", f"-I{include}"]
        + [f"--python_out={target}", f"--grpc_python_out={target}", *FILES]
    )
    if status != 0:
        raise RuntimeError(f"protoc failed on {PROTOS}")
    sys.path.insert(0, target)
