"""JSON Web Tokens of an identity provider, accepted beside keys (OpenID Connect Core 1.0, RFC 7519)."""

import json
import urllib.request
from typing import Any

from faasera.service.errors import UnauthorizedError
from faasera.service.identity import Identity, Role, checked_name
from faasera.service.settings import Settings

_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA"]


class TokenCheck:
    """Checks tokens by the public keys of their issuer, which are read when the first token comes."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._keys: Any = None

    def identify(self, token: str) -> Identity:
        """Whose token it is.

        Raises:
            UnauthorizedError: it is not valid, or says no role.
        """
        import jwt

        try:
            key = self._client().get_signing_key_from_jwt(token).key
            claims = jwt.decode(
                token,
                key,
                algorithms=_ALGORITHMS,
                audience=self.settings.oidc_audience,
                issuer=self.settings.oidc_issuer,
                options={"require": ["exp", "sub", "iss", "aud"]},
            )
        except (jwt.PyJWTError, OSError, ValueError) as error:
            raise _refused(f"the token is not accepted: {type(error).__name__}") from None
        role, project = claims.get(self.settings.oidc_role_claim), claims.get(self.settings.oidc_project_claim)
        if not isinstance(role, str) or role.upper() not in Role.__members__:
            raise _refused(f"the token's claim '{self.settings.oidc_role_claim}' names no role")
        if not isinstance(project, str):
            raise _refused(f"the token's claim '{self.settings.oidc_project_claim}' names no project")
        name = str(claims.get("preferred_username") or claims.get("email") or claims["sub"])
        subject = f"oidc:{claims['sub']}"
        return Identity(subject[:200], name[:200], Role[role.upper()], checked_name(project, "a project"))

    def _client(self) -> Any:
        import jwt

        if self._keys is None:
            issuer = str(self.settings.oidc_issuer).rstrip("/")
            with urllib.request.urlopen(f"{issuer}/.well-known/openid-configuration", timeout=10) as answer:
                self._keys = jwt.PyJWKClient(json.load(answer)["jwks_uri"], cache_keys=True, timeout=10)
        return self._keys


def _refused(message: str) -> UnauthorizedError:
    return UnauthorizedError("bad-token", message, "Sign in again with the identity provider, or use a key.")
