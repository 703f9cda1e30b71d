"""Logging in through an identity provider: OpenID Connect, authorization code with PKCE."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx
from authlib.oauth2.client import OAuth2Client
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from himozuke.errors import NotAllowedError, UpstreamDownError

_SCOPE = "openid profile email"
_SECONDS_TO_ANSWER = 10.0
_SECONDS_CLOCKS_DIFFER = 60
_SIGNED_BY = ["RS256", "ES256", "PS256", "EdDSA"]


@dataclass(frozen=True, slots=True)
class LoginBegun:
    """What must be remembered between going to the provider and coming back; ``url`` is where to go."""

    url: str
    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class IdentityProviderClient:
    """One identity provider. UpstreamDownError whenever it does not answer or answers nonsense."""

    issuer: str
    client_id: str
    client_secret: str
    claim: str
    http: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=_SECONDS_TO_ANSWER))

    def begin(self, return_to: str) -> LoginBegun:
        """Where to send somebody who wants to log in; ``return_to`` is our address they come back to."""
        begun = LoginBegun("", secrets.token_urlsafe(24), secrets.token_urlsafe(24), secrets.token_urlsafe(48))
        client = OAuth2Client(None, client_id=self.client_id, scope=_SCOPE, code_challenge_method="S256")
        url, _ = client.create_authorization_url(
            self._described()["authorization_endpoint"],
            state=begun.state,
            nonce=begun.nonce,
            code_verifier=begun.verifier,
            redirect_uri=return_to,
        )
        return LoginBegun(url, begun.state, begun.nonce, begun.verifier)

    def finish(self, code: str, *, begun: LoginBegun, return_to: str, now: datetime) -> str:
        """The login of whoever came back with a code.

        NotAllowedError when the provider's word is not good: wrong signature, for somebody else, too old,
        or of another login.
        """
        described = self._described()
        tokens = self._post(
            described["token_endpoint"],
            {
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": return_to,
                "code_verifier": begun.verifier,
            },
        )
        claims = self._claims(str(tokens.get("id_token", "")), described, now=now, nonce=begun.nonce)
        login = claims.get(self.claim)
        if not isinstance(login, str) or not login or not login.isprintable():
            raise NotAllowedError(f"The identity provider said nothing of {self.claim}; see HIMOZUKE_OIDC_CLAIM.")
        return login

    def _claims(self, token: str, described: Mapping[str, Any], *, now: datetime, nonce: str) -> Mapping[str, Any]:
        keys = KeySet.import_key_set(self._get(described["jwks_uri"]))  # type: ignore[arg-type]
        wanted = jwt.JWTClaimsRegistry(
            now=int(now.timestamp()),
            leeway=_SECONDS_CLOCKS_DIFFER,
            iss={"essential": True, "value": self.issuer},
            aud={"essential": True, "value": self.client_id},
            exp={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        try:
            read = jwt.decode(token, keys, algorithms=_SIGNED_BY)
            wanted.validate(read.claims)
        except (JoseError, ValueError) as error:
            raise NotAllowedError(f"The identity provider's word is not good ({type(error).__name__}).") from None
        party, audience = read.claims.get("azp"), read.claims.get("aud")
        is_for_several = isinstance(audience, list) and len(audience) > 1
        if party != self.client_id and (party is not None or is_for_several):  # OpenID Connect Core 3.1.3.7, 4 and 5
            raise NotAllowedError("The identity provider's word was given to another program (azp).")
        return read.claims

    def _described(self) -> Mapping[str, Any]:
        described = self._get(f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
        if described.get("issuer") != self.issuer:
            raise UpstreamDownError("The identity provider calls itself by another name than HIMOZUKE_OIDC_ISSUER.")
        return described

    def _get(self, url: str) -> Mapping[str, Any]:
        return self._answered(lambda: self.http.get(url))

    def _post(self, url: str, content: Mapping[str, str]) -> Mapping[str, Any]:
        return self._answered(
            lambda: self.http.post(url, data=dict(content), auth=(self.client_id, self.client_secret))
        )

    @staticmethod
    def _answered(ask: Any) -> Mapping[str, Any]:  # noqa: ANN401 -- a call without arguments
        try:
            answer = ask()
            answer.raise_for_status()
            content = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise UpstreamDownError(
                f"The identity provider does not answer as it should ({type(error).__name__}). "
                "Log in with password and code, or try again later."
            ) from error
        if not isinstance(content, dict):
            raise UpstreamDownError("The identity provider answered something that is no JSON object.")
        return content
