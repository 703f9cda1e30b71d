"""Every setting the environment can give; nothing else in the program reads the environment."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from ipaddress import ip_network
from pathlib import Path

from himozuke.errors import UsageError

MEMORY = re.compile(r"(?P<figure>[1-9]\d*(?:\.\d+)?)\s*(?P<unit>[KMGT])i?B", re.IGNORECASE)
BYTES_BY_UNIT = {"K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: the variable it comes from and what it is for, in both languages."""

    name: str
    variable: str
    meaning_en: str
    meaning_ja: str
    is_secret: bool = False  # never printed


SETTINGS = (
    Setting("memory", "HIMOZUKE_MEMORY", "memory the engine may use, e.g. 3GB", "エンジンが使ってよいメモリ（例 3GB）"),
    Setting(
        "threads",
        "HIMOZUKE_THREADS",
        "threads the engine may use; 0 = all",
        "エンジンが使ってよいスレッド数（0 = 全部）",
    ),
    Setting("cache_dir", "HIMOZUKE_CACHE_DIR", "where prepared registers are kept", "準備済み台帳の置き場所"),
    Setting(
        "mergers",
        "HIMOZUKE_MERGERS",
        "CSV of municipality changes to use instead of the packaged list, in the columns of the e-Stat list",
        "同梱の一覧の代わりに使う市区町村の廃置分合のCSV（e-Stat の列）",
    ),
    Setting(
        "address_base",
        "HIMOZUKE_ADDRESS_BASE",
        "folder with files of the Address Base Registry; decides addresses that texts alone leave open",
        "アドレス・ベース・レジストリのファイルのフォルダ（文字だけでは決まらない住所を判定する）",
    ),
    Setting(
        "fonts",
        "HIMOZUKE_FONTS",
        "font file for letters, or a folder of them, beside the packaged ones: for characters those lack",
        "文書の印刷に加えるフォントのファイル又はフォルダ（同梱のフォントにない文字のため）",
    ),
    Setting("data", "HIMOZUKE_DATA", "folder the service keeps its data in", "サービスのデータの置き場所"),
    Setting(
        "database_url",
        "HIMOZUKE_DATABASE_URL",
        "PostgreSQL server to use instead of the embedded one, e.g. postgresql://himozuke@db/himozuke",
        "組み込みの代わりに使う PostgreSQL（例 postgresql://himozuke@db/himozuke）",
        is_secret=True,
    ),
    Setting(
        "connections",
        "HIMOZUKE_CONNECTIONS",
        "connections to the database a process may open for the desk, and again for eligibility checks",
        "1プロセスがデータベースへ張る接続の上限（画面用と資格確認用にそれぞれ）",
    ),
    Setting(
        "key_file",
        "HIMOZUKE_KEY_FILE",
        "file with the keys Individual Numbers are sealed with (default: keys.json in the data folder)",
        "個人番号を封じる鍵のファイル（既定はデータフォルダの keys.json）",
    ),
    Setting(
        "register",
        "HIMOZUKE_REGISTER",
        "where inquiries go: an https address, or a folder of inquiry files; by default the service's own table",
        "住民台帳の照会先: https のアドレス、または照会ファイルのフォルダ。未設定なら自分の表",
    ),
    Setting(
        "register_token",
        "HIMOZUKE_REGISTER_TOKEN",
        "what the register at an address knows us by",
        "照会先のアドレスに名乗るためのトークン",
        is_secret=True,
    ),
    Setting(
        "public_url",
        "HIMOZUKE_PUBLIC_URL",
        "address under which people reach the desk; it stands in letters, as the place where answers are given",
        "利用者がこのサービスを開くアドレス（文書の回答先に印刷する）",
    ),
    Setting(
        "log_format",
        "HIMOZUKE_LOG_FORMAT",
        "how the log is written: json, text, or auto (text on a terminal)",
        "ログの書式: json、text、auto（端末なら text）",
    ),
    Setting(
        "proxy",
        "HIMOZUKE_PROXY",
        "addresses of web servers before the desk whose word about scheme and sender is taken, separated by commas",
        "画面の前に置くウェブサーバーのアドレス（通信方式と送信元の申告を信用する。カンマ区切り）",
    ),
    Setting(
        "oidc_issuer",
        "HIMOZUKE_OIDC_ISSUER",
        "address of the identity provider of your organisation (OpenID Connect); without it nobody logs in that way",
        "組織の認証基盤（OpenID Connect）のアドレス。未設定なら使わない",
    ),
    Setting(
        "oidc_client_id",
        "HIMOZUKE_OIDC_CLIENT_ID",
        "our name at the identity provider",
        "認証基盤に登録したクライアントID",
    ),
    Setting(
        "oidc_client_secret",
        "HIMOZUKE_OIDC_CLIENT_SECRET",
        "our secret at the identity provider",
        "認証基盤に登録したクライアントシークレット",
        is_secret=True,
    ),
    Setting(
        "oidc_claim",
        "HIMOZUKE_OIDC_CLAIM",
        "claim of the identity provider that is the login at the desk",
        "ログイン名として使うクレーム",
    ),
    Setting(
        "oidc_name",
        "HIMOZUKE_OIDC_NAME",
        "what the identity provider is called on the login page",
        "ログイン画面に出す認証基盤の名前",
    ),
    Setting("language", "HIMOZUKE_LANGUAGE", "language of what people read: ja or en", "表示言語（ja または en）"),
)


@dataclass(frozen=True)
class Settings:
    """What the environment says; the option of a command, where there is one, comes first."""

    memory: str = "3GB"
    threads: int = 0
    cache_dir: Path = Path("~/.cache/himozuke")
    language: str = "ja"
    mergers: Path | None = None
    address_base: Path | None = None
    fonts: Path | None = None
    data: Path = Path("~/.local/share/himozuke")
    database_url: str = ""
    connections: int = 20
    key_file: Path = Path("~/.local/share/himozuke/keys.json")
    register: str = ""
    register_token: str = ""
    public_url: str = "http://127.0.0.1:8080"
    log_format: str = "auto"
    proxy: str = ""
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: str = ""
    oidc_claim: str = "preferred_username"
    oidc_name: str = "OpenID Connect"

    def reached_at(self, url: str) -> Settings:
        """With the address the program answers on in letters, where nobody has set one (``HIMOZUKE_PUBLIC_URL``)."""
        return replace(self, public_url=url) if self.public_url == Settings.public_url else self

    @property
    def memory_bytes(self) -> int:
        """The memory bound in bytes; K, M, G and T count in steps of 1024."""
        return memory_bytes(self.memory)


def memory_bytes(text: str) -> int:
    """Read an amount of memory such as ``3GB`` or ``512MB``; UsageError says what is wrong."""
    match = MEMORY.fullmatch(text.strip())
    if match is None:
        raise UsageError(f"{text!r} is not an amount of memory. Write it like 3GB or 512MB.")
    return int(float(match["figure"]) * BYTES_BY_UNIT[match["unit"].upper()])


def load(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from the environment, an empty variable counting as not set.

    UsageError names the variable whose value cannot be used.
    """
    given = os.environ if environment is None else environment
    memory = _text(given, "HIMOZUKE_MEMORY", Settings.memory)
    try:
        memory_bytes(memory)
    except UsageError as error:
        raise UsageError(f"HIMOZUKE_MEMORY: {error}") from None
    language = _text(given, "HIMOZUKE_LANGUAGE", Settings.language)
    if language not in {"ja", "en"}:
        raise UsageError(f"HIMOZUKE_LANGUAGE: {language!r} is neither ja nor en.")
    data = _data(given)
    return Settings(
        memory,
        _threads(given),
        _cache_dir(given),
        language,
        mergers=_path(given, "HIMOZUKE_MERGERS"),
        address_base=_path(given, "HIMOZUKE_ADDRESS_BASE"),
        fonts=_path(given, "HIMOZUKE_FONTS"),
        data=data,
        database_url=_database_url(given),
        connections=_connections(given),
        key_file=Path(_text(given, "HIMOZUKE_KEY_FILE", str(data / "keys.json"))).expanduser(),
        register=_text(given, "HIMOZUKE_REGISTER", ""),
        register_token=_text(given, "HIMOZUKE_REGISTER_TOKEN", ""),
        public_url=_public_url(given),
        log_format=_log_format(given),
        proxy=_proxy(given),
        **_oidc(given),
    )


def environment_with(*, data: Path | None = None) -> dict[str, str]:
    """The environment, with what an option of a command says instead; for :func:`load` and child processes."""
    given = dict(os.environ)
    if data is not None:
        given["HIMOZUKE_DATA"] = str(data)
    return given


def prefer_in_environment(name: str, value: str) -> None:
    """Set a variable that a library looks for, where whoever started the program did not."""
    os.environ.setdefault(name, value)


def environment_of_programs(**given: str) -> dict[str, str]:
    """The environment for programs of PostgreSQL, without what it says to them by itself, and with what is given."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")} | given


def _text(given: Mapping[str, str], variable: str, default: str) -> str:
    return given.get(variable, "").strip() or default


def _threads(given: Mapping[str, str]) -> int:
    text = _text(given, "HIMOZUKE_THREADS", "0")
    if not (text.isascii() and text.isdecimal()):
        raise UsageError(f"HIMOZUKE_THREADS: {text!r} is not a whole number. Write 0 for all threads, or how many.")
    return int(text)


def _path(given: Mapping[str, str], variable: str) -> Path | None:
    text = _text(given, variable, "")
    return Path(text).expanduser() if text else None


def _cache_dir(given: Mapping[str, str]) -> Path:
    common = _text(given, "XDG_CACHE_HOME", "~/.cache")
    return Path(_text(given, "HIMOZUKE_CACHE_DIR", f"{common}/himozuke")).expanduser()


def _data(given: Mapping[str, str]) -> Path:
    common = _text(given, "XDG_DATA_HOME", "~/.local/share")
    return Path(_text(given, "HIMOZUKE_DATA", f"{common}/himozuke")).expanduser()


def _public_url(given: Mapping[str, str]) -> str:
    url = _text(given, "HIMOZUKE_PUBLIC_URL", Settings.public_url)
    if not url.startswith(("https://", "http://")):
        raise UsageError(f"HIMOZUKE_PUBLIC_URL: {url!r} is no address. Write it like https://himozuke.example.")
    return url.rstrip("/")


def _database_url(given: Mapping[str, str]) -> str:
    url = _text(given, "HIMOZUKE_DATABASE_URL", "")
    if url and not url.startswith(("postgresql://", "postgres://")):
        raise UsageError("HIMOZUKE_DATABASE_URL: write it like postgresql://user:password@host:5432/database.")
    return url


def _connections(given: Mapping[str, str]) -> int:
    text = _text(given, "HIMOZUKE_CONNECTIONS", str(Settings.connections))
    if not (text.isascii() and text.isdecimal() and int(text) > 0):
        raise UsageError(f"HIMOZUKE_CONNECTIONS: {text!r} is not a whole number from 1 on.")
    return int(text)


def _proxy(given: Mapping[str, str]) -> str:
    addresses = [part.strip() for part in _text(given, "HIMOZUKE_PROXY", "").split(",") if part.strip()]
    for address in addresses:
        try:
            ip_network(address)
        except ValueError as error:
            raise UsageError(f"HIMOZUKE_PROXY: {address!r} is no address of a machine or network ({error}).") from None
    return ",".join(addresses)


def _oidc(given: Mapping[str, str]) -> dict[str, str]:
    names = ("issuer", "client_id", "client_secret", "claim", "name")
    found = {f"oidc_{name}": _text(given, f"HIMOZUKE_OIDC_{name.upper()}", "") for name in names}
    issuer = found["oidc_issuer"]
    if issuer and not (found["oidc_client_id"] and found["oidc_client_secret"]):
        raise UsageError(
            "HIMOZUKE_OIDC_ISSUER is set; HIMOZUKE_OIDC_CLIENT_ID and HIMOZUKE_OIDC_CLIENT_SECRET are needed with it."
        )
    if issuer and not issuer.startswith(("https://", "http://127.0.0.1", "http://localhost")):
        raise UsageError("HIMOZUKE_OIDC_ISSUER: the identity provider must be reached by https.")
    return {name: text for name, text in found.items() if text}


def _log_format(given: Mapping[str, str]) -> str:
    text = _text(given, "HIMOZUKE_LOG_FORMAT", Settings.log_format)
    if text not in {"auto", "json", "text"}:
        raise UsageError(f"HIMOZUKE_LOG_FORMAT: {text!r} is none of auto, json, text.")
    return text
