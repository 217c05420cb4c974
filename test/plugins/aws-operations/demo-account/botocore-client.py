"""Calls operations with botocore and checks each answer against the model that botocore uses.

Reads {"endpoint", "accessKeyId", "secretAccessKey", "calls": [{"service", "region", "operation",
"input", "refusal"?}]} from stdin, and prints a list of {"outcome": "ok" | "unknown" | "wrong",
"detail"} in the order of the calls. "unknown" is what this botocore has no model for.
"""

import json
import sys

import botocore.session
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ParamValidationError,
    UnknownServiceError,
)
from botocore.validate import ParamValidator


def open_session():
    session = botocore.session.Session()
    loader = session.get_component("data_loader")
    load = loader.load_service_model

    def load_json_first(*args, **kwargs):
        model = load(*args, **kwargs)
        metadata = model.get("metadata", {}) if isinstance(model, dict) else {}
        # Of the protocols that a service may be asked in, the demo account serves JSON.
        if "json" in metadata.get("protocols", []):
            metadata["protocol"] = "json"
            metadata["protocols"] = ["json"]
        return model

    loader.load_service_model = load_json_first
    return session


def client_for(session, clients, call, request):
    key = (call["service"], call["region"])
    if key not in clients:
        clients[key] = session.create_client(
            call["service"],
            region_name=call["region"],
            endpoint_url=request["endpoint"],
            aws_access_key_id=request["accessKeyId"],
            aws_secret_access_key=request["secretAccessKey"],
            config=Config(retries={"max_attempts": 0}, connect_timeout=10, read_timeout=60),
        )
    return clients[key]


def with_policies_as_text(value, name=""):
    """botocore decodes the policies of IAM, which its model has as text."""
    if isinstance(value, dict):
        if name.endswith("Document"):
            return json.dumps(value)
        return {key: with_policies_as_text(member, key) for key, member in value.items()}
    if isinstance(value, list):
        return [with_policies_as_text(member) for member in value]
    return value


def outcome_of(session, clients, call, request):
    try:
        client = client_for(session, clients, call, request)
    except UnknownServiceError as error:
        return "unknown", str(error)
    service = client.meta.service_model
    if call["operation"] not in service.operation_names:
        return "unknown", f"{call['service']} has no {call['operation']}"
    if call["service"] == "cloudwatch" and service.metadata["protocol"] != "json":
        return "unknown", "cloudwatch is asked in " + service.metadata["protocol"] + " only"
    try:
        output = getattr(client, xform_name(call["operation"]))(**call["input"])
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code == call.get("refusal"):
            return "ok", ""
        return "wrong", str(error)
    except ParamValidationError as error:
        return "unknown", str(error)
    except BotoCoreError as error:
        return "wrong", str(error)
    if call.get("refusal"):
        return "wrong", "answered, and should have refused as " + call["refusal"]
    output.pop("ResponseMetadata", None)
    if not output:
        return "wrong", "an answer with nothing in it"
    shape = service.operation_model(call["operation"]).output_shape
    report = ParamValidator().validate(with_policies_as_text(output), shape)
    return ("wrong", report.generate_report()) if report.has_errors() else ("ok", "")


def main():
    request = json.load(sys.stdin)
    session = open_session()
    clients = {}
    outcomes = []
    for call in request["calls"]:
        outcome, detail = outcome_of(session, clients, call, request)
        outcomes.append({"outcome": outcome, "detail": detail})
    json.dump(outcomes, sys.stdout)


main()
