"""What recipients reply who want no more messages."""

from typing import Annotated, Self

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field
from waypost.dispatch.v1 import opt_out_service_pb2 as pb

from gateway_service.auth import needs
from gateway_service.remote import Remote, mutation_id
from gateway_service.routes._answers import PROBLEMS, Moment, moment
from gateway_service.store.keys import Credential

Reader = Annotated[Credential, Depends(needs("consents:read"))]
Writer = Annotated[Credential, Depends(needs("consents:write"))]
MOST_WORDS = 100
MAX_CHARS = 40


class OptOutWords(BaseModel):
    words: list[str]
    """As they are compared: one case and width, letters and digits alone."""
    updated_at: Moment | None
    """null: those that are shipped."""

    @classmethod
    def of(cls, words: pb.OptOutWords) -> Self:
        return cls(words=list(words.words), updated_at=moment(words, "update_time"))


class NewOptOutWords(BaseModel):
    model_config = ConfigDict(extra="forbid")

    words: list[Annotated[str, Field(min_length=1, max_length=MAX_CHARS)]] = Field(max_length=MOST_WORDS)
    """退订, STOP and UNSUBSCRIBE are always among them. Empty: those that are shipped."""


def router(remote: Remote) -> APIRouter:
    routes = APIRouter(prefix="/v1", tags=["consents"], responses=PROBLEMS)

    @routes.get("/opt-out-words")
    async def get_opt_out_words(credential: Reader) -> OptOutWords:
        answer = await remote.call("dispatch", "GetOptOutWords", pb.GetOptOutWordsRequest(), credential)
        return OptOutWords.of(answer.words)

    @routes.put("/opt-out-words")
    async def set_opt_out_words(body: NewOptOutWords, request: Request, credential: Writer) -> OptOutWords:
        """For replies from now on."""
        message = pb.SetOptOutWordsRequest(words=body.words, request_id=mutation_id(request, credential))
        answer = await remote.call("dispatch", "SetOptOutWords", message, credential)
        return OptOutWords.of(answer.words)

    return routes
