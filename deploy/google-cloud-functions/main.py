"""Faasera as a Google Cloud function; the targets are ``http`` and ``event``.

    gcloud functions deploy faasera --gen2 --runtime=python312 --trigger-http --no-allow-unauthenticated \
        --entry-point=http --memory=2Gi --cpu=2 --timeout=540
    gcloud functions deploy faasera-shards --gen2 --runtime=python312 --trigger-topic=shards \
        --entry-point=event --memory=2Gi --cpu=2 --timeout=540 --retry
"""

import functions_framework

from faasera.frontends.cloud import google

http = functions_framework.http(google.http)
event = functions_framework.cloud_event(google.event)
