"""A model behind the chat-completions protocol of OpenAI, hosted or local, with limits that hold.

Source: https://platform.openai.com/docs/api-reference/chat, by the official client.
"""

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from faasera.core.errors import PolicyError, Problem, RunError, refuse
from faasera.core.extras import require

PREFIX = "FAASERA_AI_"
_TEMPERATURE = 0.7
_MAX_TOKENS = 4000


@dataclass(frozen=True)
class ModelSettings:
    """Which model, and what it may cost.

    Attributes:
        base_url: of the endpoint, such as http://localhost:11434/v1.
        model: its name there.
        key: for the endpoint; local ones need none.
        timeout: of one request, in seconds.
        retries: of a request that failed for a reason that may pass, with ever longer pauses.
        max_tokens: of one answer.
        token_limit: of all questions and answers together.
        cost_limit: in the currency of the prices; None for none.
        price_in: of a million tokens of questions.
        price_out: of a million tokens of answers.
    """

    base_url: str
    model: str
    key: str = field(default="none", repr=False)
    timeout: float = 60.0
    retries: int = 3
    max_tokens: int = _MAX_TOKENS
    token_limit: int = 200_000
    cost_limit: float | None = None
    price_in: float = 0.0
    price_out: float = 0.0


@dataclass(frozen=True)
class _Number:
    """How a number of the settings is read from the variable of its name.

    Attributes:
        kind: whether it is whole.
        least: that it may be.
    """

    kind: Callable[[str], float]
    least: float


_NUMBERS: dict[str, _Number] = {
    "timeout": _Number(float, 0.1),
    "retries": _Number(int, 0),
    "max_tokens": _Number(int, 16),
    "token_limit": _Number(int, 16),
    "cost_limit": _Number(float, 0),
    "price_in": _Number(float, 0),
    "price_out": _Number(float, 0),
}
"""The fields of the settings that are numbers; those without a variable keep their defaults."""


def configured_model(*, base_url: str | None = None, model: str | None = None) -> ModelSettings | None:
    """The model of the variables ``FAASERA_AI_…``; None where none is configured.

    Args:
        base_url: instead of the variable's.
        model: instead of the variable's.

    Raises:
        PolicyError: they are not what they should be; with all that is wrong.
    """
    given = os.environ
    url, model = base_url or given.get(PREFIX + "BASE_URL"), model or given.get(PREFIX + "MODEL")
    if not url and not model:
        return None
    problems = [*_address_problems(url, model)]
    numbers: dict[str, Any] = {}
    for name, read in _NUMBERS.items():
        variable = PREFIX + name.upper()
        if text := given.get(variable):
            try:
                numbers[name] = _read(text, read)
            except ValueError:
                remedy = f"Use a number of {read.least:g} or more."
                problems.append(Problem("", "ai-settings", f"{variable} = {text!r}", remedy))
    made = ModelSettings(url or "", model or "", given.get(PREFIX + "API_KEY") or "none", **numbers)
    if made.cost_limit is not None and not (made.price_in or made.price_out):
        message = f"{PREFIX}COST_LIMIT has no effect without prices"
        problems.append(Problem("", "no-effect", message, f"Set {PREFIX}PRICE_IN and {PREFIX}PRICE_OUT, too."))
    if problems:
        raise PolicyError(problems)
    return made


def _address_problems(url: str | None, model: str | None) -> Iterator[Problem]:
    """What is wrong with where the model is."""
    if not url or not model:
        missing = PREFIX + ("MODEL" if url else "BASE_URL")
        yield Problem("", "ai-settings", f"{missing} is not set", "Set both, or neither.")
    elif urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).netloc:
        message = f"{PREFIX}BASE_URL is no URL of a server"
        yield Problem("", "ai-settings", message, "Write for example http://localhost:11434/v1.")
    elif urlsplit(url).password is not None:
        message = f"{PREFIX}BASE_URL has a password in it"
        yield Problem("", "ai-settings", message, f"Give it by {PREFIX}API_KEY.")


def _read(text: str, number: _Number) -> float:
    value = number.kind(text)
    if not value >= number.least:
        raise ValueError(text)
    return value


def request_of(
    settings: ModelSettings | None, messages: Sequence[Mapping[str, str]], name: str, schema: Mapping[str, Any]
) -> dict[str, Any]:
    """The body of a request: all that a model is sent.

    Args:
        settings: of the model; None for one that is not known yet.
        messages: each with ``role`` and ``content``.
        name: of the schema.
        schema: of the answer.
    """
    described = {"name": name, "schema": dict(schema), "strict": True}
    return {
        "model": settings.model if settings is not None else None,
        "messages": list(messages),
        "max_tokens": settings.max_tokens if settings is not None else _MAX_TOKENS,
        "temperature": _TEMPERATURE,
        "response_format": {"type": "json_schema", "json_schema": described},
    }


class ChatModel:
    """Asks a model for JSON, and counts what it costs.

    Args:
        settings: which model, and its limits.

    Raises:
        PolicyError: the client is not installed.

    Attributes:
        tokens: of all questions and answers so far.
        cost: so far.
    """

    def __init__(self, settings: ModelSettings) -> None:
        require("openai", extra="ai", purpose="the model that is configured")
        import openai

        self.settings = settings
        self.tokens = 0
        self.cost = 0.0
        self._structured = True
        self._openai = openai
        self._client = openai.OpenAI(
            base_url=settings.base_url, api_key=settings.key, timeout=settings.timeout, max_retries=settings.retries
        )

    def ask(self, messages: Sequence[Mapping[str, str]], name: str, schema: Mapping[str, Any]) -> str:
        """The text of an answer that should follow a JSON Schema.

        Args:
            messages: each with ``role`` and ``content``.
            name: of the schema.
            schema: of the answer.

        Raises:
            RunError: there is no answer, or a limit is reached.
        """
        self._see_limits(sum(len(message["content"]) for message in messages) // 4)
        request = request_of(self.settings, messages, name, schema)
        if not self._structured:
            del request["response_format"]
        try:
            answer = self._client.chat.completions.create(**request)
        except self._openai.BadRequestError:
            if not self._structured:
                raise RunError([self._refused("it refuses the request")]) from None
            # An endpoint that knows no schemas: the prompt says the form, too.
            self._structured = False
            return self.ask(messages, name, schema)
        except self._openai.APITimeoutError:
            raise RunError([self._refused(f"no answer within {self.settings.timeout:g} s")]) from None
        except self._openai.APIConnectionError:
            raise RunError([self._refused("it cannot be reached")]) from None
        except self._openai.APIStatusError as error:
            raise RunError([self._refused(f"it answers {error.status_code}")]) from None
        except self._openai.OpenAIError as error:
            raise RunError([self._refused(type(error).__name__)]) from None
        except (ValueError, TypeError, AttributeError):
            raise RunError([self._refused("what it answers is not the protocol's")]) from None
        usage = getattr(answer, "usage", None)
        asked, answered = getattr(usage, "prompt_tokens", 0) or 0, getattr(usage, "completion_tokens", 0) or 0
        self.tokens += asked + answered
        self.cost += (asked * self.settings.price_in + answered * self.settings.price_out) / 1e6
        choices = getattr(answer, "choices", None) or []
        text = getattr(getattr(choices[0], "message", None), "content", None) if choices else None
        if not isinstance(text, str):
            raise RunError([self._refused("there is no text in its answer")])
        return text

    def _see_limits(self, expected: int) -> None:
        settings = self.settings
        if self.tokens + expected > settings.token_limit:
            message = f"the limit of {settings.token_limit:,} tokens is reached"
            refuse("ai-limit", message, f"Raise {PREFIX}TOKEN_LIMIT, or ask for fewer columns.", kind=RunError)
        if settings.cost_limit is not None and self.cost >= settings.cost_limit:
            message = f"the limit of {settings.cost_limit:g} for the model's cost is reached"
            refuse("ai-limit", message, f"Raise {PREFIX}COST_LIMIT, or ask for fewer columns.", kind=RunError)

    def _refused(self, reason: str) -> Problem:
        message = f"the model {self.settings.model} at {urlsplit(self.settings.base_url).netloc}: {reason}"
        remedy = (
            f"Check {PREFIX}BASE_URL, {PREFIX}MODEL and {PREFIX}API_KEY; or unset them to use the built-in matcher."
        )
        return Problem("", "ai-unavailable", message, remedy)


def json_of(text: str) -> Any:
    """The JSON in an answer, alone or in a fence of Markdown; None where there is none."""
    stripped = text.strip()
    if stripped.startswith("```"):
        stripped = stripped.partition("\n")[2].rpartition("```")[0]
    try:
        return json.loads(stripped)
    except (ValueError, RecursionError):
        return None
