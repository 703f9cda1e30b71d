"""What the environment can set, and what it is told when a value makes no sense."""

from __future__ import annotations

from pathlib import Path

import pytest

from himozuke.errors import UsageError
from himozuke.settings import SETTINGS, Settings, load, memory_bytes


def test_without_any_variable_the_defaults_hold() -> None:
    settings = load({})

    assert (settings.memory, settings.threads, settings.language) == ("3GB", 0, "ja")
    assert settings.cache_dir == Path("~/.cache/himozuke").expanduser()


def test_every_variable_is_taken_and_an_empty_one_counts_as_not_set() -> None:
    settings = load(
        {
            "HIMOZUKE_MEMORY": "512MB",
            "HIMOZUKE_THREADS": "2",
            "HIMOZUKE_CACHE_DIR": "/somewhere",
            "HIMOZUKE_LANGUAGE": "en",
            "HIMOZUKE_DATA": "/data",
            "HIMOZUKE_DATABASE_URL": "postgresql://himozuke@db/himozuke",
            "HIMOZUKE_CONNECTIONS": "4",
            "HIMOZUKE_KEY_FILE": "/keys/of/today.json",
            "HIMOZUKE_LOG_FORMAT": "json",
            "HIMOZUKE_REGISTER": "https://register.example",
            "HIMOZUKE_REGISTER_TOKEN": "known",
            "HIMOZUKE_PROXY": "127.0.0.1, 10.0.0.0/8",
            "HIMOZUKE_OIDC_ISSUER": "https://login.example",
            "HIMOZUKE_OIDC_CLIENT_ID": "desk",
            "HIMOZUKE_OIDC_CLIENT_SECRET": "kept",
            "HIMOZUKE_OIDC_CLAIM": "email",
            "HIMOZUKE_OIDC_NAME": "職員ログイン",
        }
    )

    assert settings == Settings(
        "512MB",
        2,
        Path("/somewhere"),
        "en",
        data=Path("/data"),
        database_url="postgresql://himozuke@db/himozuke",
        connections=4,
        key_file=Path("/keys/of/today.json"),
        log_format="json",
        register="https://register.example",
        register_token="known",  # noqa: S106 -- no secret of anybody
        proxy="127.0.0.1,10.0.0.0/8",
        oidc_issuer="https://login.example",
        oidc_client_id="desk",
        oidc_client_secret="kept",  # noqa: S106 -- no secret of anybody
        oidc_claim="email",
        oidc_name="職員ログイン",
    )
    assert load({setting.variable: " " for setting in SETTINGS}) == load({})


def test_the_common_cache_directory_of_the_desktop_is_honoured() -> None:
    assert load({"XDG_CACHE_HOME": "/caches"}).cache_dir == Path("/caches/himozuke")


def test_the_keys_lie_in_the_data_folder_unless_told_otherwise() -> None:
    assert load({"HIMOZUKE_DATA": "/data"}).key_file == Path("/data/keys.json")
    assert load({"XDG_DATA_HOME": "/common"}).data == Path("/common/himozuke")


@pytest.mark.parametrize(("text", "expected"), [("3GB", 3 * 2**30), ("512 MB", 2**29), ("1.5gib", 3 * 2**29)])
def test_amounts_of_memory_count_in_steps_of_1024(text: str, expected: int) -> None:
    assert memory_bytes(text) == expected
    assert Settings(memory=text).memory_bytes == expected


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("HIMOZUKE_MEMORY", "much"),
        ("HIMOZUKE_THREADS", "-1"),
        ("HIMOZUKE_THREADS", "²"),
        ("HIMOZUKE_LANGUAGE", "fr"),
        ("HIMOZUKE_DATABASE_URL", "mysql://db"),
        ("HIMOZUKE_CONNECTIONS", "0"),
        ("HIMOZUKE_LOG_FORMAT", "xml"),
    ],
)
def test_a_value_that_makes_no_sense_is_refused_by_name(variable: str, value: str) -> None:
    with pytest.raises(UsageError, match=variable):
        load({variable: value})


def test_letters_name_the_address_the_program_answers_on_unless_told_another() -> None:
    assert load({}).reached_at("http://127.0.0.1:8123").public_url == "http://127.0.0.1:8123"
    given = load({"HIMOZUKE_PUBLIC_URL": "https://himozuke.example"})
    assert given.reached_at("http://127.0.0.1:8123").public_url == "https://himozuke.example"
