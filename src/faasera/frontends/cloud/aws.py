"""AWS Lambda: API Gateway and function URLs, SQS, and direct invocation.

Events: https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html (partial batch responses) and
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html.
"""

import base64
import itertools
import json
import os
from collections.abc import Iterable, Mapping
from typing import Any

from faasera.core.errors import FaaseraError, RunError, refuse
from faasera.frontends.cloud.handler import Send, handle, problems_of
from faasera.frontends.cloud.web import answer, parsed

_BATCH = 10


def handler(event: Any, context: Any) -> Any:  # noqa: ARG001
    """The function's entry point: ``faasera.frontends.cloud.aws.handler``.

    Raises:
        FaaseraError: of a direct invocation, so that Step Functions see that it failed.
    """
    if isinstance(event, Mapping) and "Records" in event:
        return _messages(event["Records"])
    if isinstance(event, Mapping) and "requestContext" in event:
        return _request(event)
    return handle(event, send=_send())


def _messages(records: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Messages of SQS; those that failed come again, and end in the dead-letter queue."""
    failures = []
    for record in records:
        try:
            handle(parsed(record["body"]), send=_send())
        except FaaseraError as error:
            print(json.dumps({"messageId": record["messageId"], **problems_of(error)}))
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}


def _request(event: Mapping[str, Any]) -> dict[str, Any]:
    body = event.get("body") or ""
    text = base64.b64decode(body) if event.get("isBase64Encoded") else body
    status, found = answer(text, _send())
    return {"statusCode": status, "headers": {"content-type": "application/json"}, "body": json.dumps(found)}


def _send() -> Send | None:
    """To the queue that ``FAASERA_QUEUE_URL`` names; None where it names none."""
    queue = os.environ.get("FAASERA_QUEUE_URL")
    if queue is None:
        return None

    def send(events: Iterable[dict[str, Any]]) -> None:
        import boto3  # the runtime has it
        from botocore.exceptions import BotoCoreError, ClientError

        client = boto3.client("sqs")
        remaining = iter(events)
        while batch := list(itertools.islice(remaining, _BATCH)):
            entries = [{"Id": str(number), "MessageBody": json.dumps(one)} for number, one in enumerate(batch)]
            try:
                failed = client.send_message_batch(QueueUrl=queue, Entries=entries).get("Failed", [])
                reason = failed[0].get("Message", "") if failed else None
            except (BotoCoreError, ClientError) as error:
                reason = str(error)
            if reason is not None:
                message = f"the queue does not take the shards: {reason}"
                refuse("queue-refused", message, "Check FAASERA_QUEUE_URL and its policy.", kind=RunError)

    return send
