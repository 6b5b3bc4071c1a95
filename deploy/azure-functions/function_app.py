"""Faasera as an Azure Functions app, in the programming model v2: HTTP, a queue of shards, and a timer.

    func azure functionapp publish APP

Settings: AzureWebJobsStorage has the queue 'faasera'; FAASERA_EVENT is what the timer runs, and
FAASERA_SCHEDULE when (NCRONTAB, such as 0 0 3 * * *).
"""

import json
import logging

import azure.functions as functions

from faasera.frontends.cloud import azure as faasera

app = functions.FunctionApp(http_auth_level=functions.AuthLevel.FUNCTION)
QUEUE = {"queue_name": "faasera", "connection": "AzureWebJobsStorage"}


@app.function_name("faasera_http")
@app.route(route="faasera", methods=["POST"], trigger_arg_name="request")
@app.queue_output(arg_name="shards", **QUEUE)
def faasera_http(request: functions.HttpRequest, shards: functions.Out[list[str]]) -> functions.HttpResponse:
    """A call: an event as JSON."""
    return faasera.http(request, shards)


@app.function_name("faasera_queue")
@app.queue_trigger(arg_name="message", **QUEUE)
def faasera_queue(message: functions.QueueMessage) -> None:
    """A shard."""
    logging.info(json.dumps(faasera.message(message)))


@app.function_name("faasera_timer")
@app.timer_trigger(arg_name="timer", schedule="%FAASERA_SCHEDULE%")
@app.queue_output(arg_name="shards", **QUEUE)
def faasera_timer(timer: functions.TimerRequest, shards: functions.Out[list[str]]) -> None:
    """A run at its time."""
    logging.info(json.dumps(faasera.timer(shards) | {"late": timer.past_due}))
