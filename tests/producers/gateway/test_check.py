"""`?check=1`: a batch is looked at like any other, nothing is written, and everything that is wrong is said."""

from __future__ import annotations

from schemas.topics import Topics
from tests.producers.gateway.service import Service, read_log, upload_of


async def check(service: Service, document: object, language: str = "ru") -> dict[str, object]:
    headers = {"Authorization": f"Bearer {service.shop.token}", "Accept-Language": language}
    answer = await service.client.post("/api/v1/uploads?check=1", json=document, headers=headers)
    assert answer.status_code == 200
    return dict(answer.json())


async def test_nothing_is_written_and_all_is_said(service: Service, kafka: str, topics: Topics) -> None:
    """All errors with place, code and words in the language asked for; the log stays as it was."""
    document = upload_of(3)
    assert await check(service, document) == {"valid": 3, "errors": []}
    document["events"][1]["at"] = "2024-03-30T10:00:00"
    counted = {
        "type": "stock.counted",
        "at": "2024-03-30T10:00:00Z",
        "good_id": "g",
        "warehouse_id": "w",
        "quantity": 5,
    }
    document["events"][2] = counted
    assert await check(service, document) == {
        "valid": 1,
        "errors": [
            {
                "at": "events[1].at",
                "code": "moment_without_offset",
                "detail": "у времени не хватает часового пояса, например +03:00",
            },
            {
                "at": "events[2].quantity",
                "code": "amount_without_quotes",
                "detail": 'число 5 нужно взять в кавычки: "5"',
            },
        ],
    }
    english = await check(service, document, "en")
    assert 'the number 5 has to stand in quotes: "5"' in str(english)
    assert (await service.upload(upload_of(1))).status_code == 202
    assert len(await read_log(kafka, topics.uploads)) == 1


async def test_what_is_no_batch_is_refused_as_ever(service: Service) -> None:
    """Without a till's token 401, without JSON 400, each in words."""
    answer = await service.client.post("/api/v1/uploads?check=1", json={}, headers={"Authorization": "Bearer x"})
    assert answer.status_code == 401
    headers = {"Authorization": f"Bearer {service.shop.token}", "Content-Type": "application/json"}
    answer = await service.client.post("/api/v1/uploads?check=1", content=b"{", headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (400, "not_json")
    assert "JSON" in answer.json()["detail"]
