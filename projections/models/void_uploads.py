"""The uploads that voided: which event of which run made a sale or return count no more. A journal of them."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from projections.kinds.columns import Bigint, Uuid
from projections.kinds.provenance import Provenance
from projections.kinds.states import On, States
from schemas.events import ReturnVoided, SaleVoided


class VoidUploadRow(Struct, frozen=True, gc=False):
    """A void of a document; `kind` is `sale` or `return`. Of several the first applied one (`applied_no`) counts."""

    outlet_id: Uuid
    till_id: Uuid
    kind: str
    id: str
    run: Uuid
    seq: Bigint
    applied_no: Bigint
    log_offset: Bigint
    received_at: datetime


def sale_voided(old: None, event: SaleVoided, provenance: Provenance) -> VoidUploadRow:
    return _row("sale", event.sale_id, provenance)


def return_voided(old: None, event: ReturnVoided, provenance: Provenance) -> VoidUploadRow:
    return _row("return", event.return_id, provenance)


def _row(kind: str, document_id: str, provenance: Provenance) -> VoidUploadRow:
    return VoidUploadRow(
        provenance.outlet,
        provenance.till,
        kind,
        document_id,
        provenance.run,
        provenance.seq,
        provenance.applied_no,
        provenance.log_offset,
        provenance.received_at,
    )


VOID_UPLOADS = States(
    "void_uploads",
    version=1,
    row=VoidUploadRow,
    key=6,
    on=(On(SaleVoided, None, sale_voided, reads=False), On(ReturnVoided, None, return_voided, reads=False)),
)
