"""The composition root: settings in, a gateway out. Reads top to bottom."""

from datetime import timedelta

from chassis.bus import Bus
from chassis.clock import Clock, SystemClock
from chassis.context import ContextSigner
from chassis.crypto import Ciphers, FileKeyProvider
from chassis.data_keys import DataKeys
from chassis.database import Database
from chassis.grpc_client import Peers
from chassis.paging import Pages

from gateway_service import web
from gateway_service.admission import Admission
from gateway_service.audit import Audited, AuditTrail
from gateway_service.auth import Keys
from gateway_service.data_keys import FollowDataKeys
from gateway_service.forms.door import FormDoor
from gateway_service.forms.visits import VisitBook
from gateway_service.imports.desk import KIND, ImportDesk
from gateway_service.imports.expiry import ImportExpiry
from gateway_service.imports.load import ImportJobs
from gateway_service.imports.upload import Uploads
from gateway_service.ingest import routes as ingest_routes
from gateway_service.ingest.commit import GroupCommit
from gateway_service.ingest.issue_book import IssueBook
from gateway_service.ingest.live import Live
from gateway_service.ingest.routes import FastLane, Ingestion
from gateway_service.jobs.runner import JobRunner
from gateway_service.members import Logins, Members
from gateway_service.observed import Observed
from gateway_service.oidc import TokenVerifier
from gateway_service.privacy.jobs import KIND as PRIVACY
from gateway_service.privacy.jobs import PrivacyJobs
from gateway_service.public_pages import PublicRates
from gateway_service.qr_codes.scanned import Scanned
from gateway_service.remote import Remote
from gateway_service.routes import (
    accounts,
    api_keys,
    callbacks,
    changes,
    commerce,
    consent_settings,
    consents,
    corrections,
    credits,
    event_schemas,
    exchange_rates,
    exports,
    form_pages,
    form_terms,
    forms,
    health,
    identity,
    identity_check,
    imports,
    issue_samples,
    jobs,
    journeys,
    ledgers,
    messages,
    opt_out_words,
    org_units,
    privacy,
    profiles,
    qr_codes,
    qr_scans,
    quarantine,
    relations,
    rfm,
    rules,
    runs,
    search,
    segments,
    sources,
    staff,
    suppressions,
    templates,
    timeline,
    unsubscribe,
)
from gateway_service.routes import audit as audit_routes
from gateway_service.routes import data_keys as data_key_routes
from gateway_service.routes import issues as issue_routes
from gateway_service.routes import live as live_routes
from gateway_service.routes import members as member_routes
from gateway_service.serving import Gateway, Health
from gateway_service.settings import Settings
from gateway_service.slashes import NamesKept
from gateway_service.store.audit import AuditStore
from gateway_service.store.data_keys import DataKeyStore
from gateway_service.store.import_files import ImportFiles
from gateway_service.store.issues import IssueStore
from gateway_service.store.jobs import JobStore
from gateway_service.store.keys import KeyStore
from gateway_service.store.members import MemberStore
from gateway_service.store.rejected import RejectedStore


def build(settings: Settings, clock: Clock | None = None) -> Gateway:
    clock = clock or SystemClock()
    signing = settings.keyring()
    database = Database(settings.postgres_url, settings.pool_size)
    bus = Bus(settings.nats_url, "gateway", settings.nats_replicas, settings.broker_access)
    peers = Peers("gateway", dict(settings.peers), ContextSigner(signing, clock), settings.tls())
    if settings.keys_file is None:
        raise ValueError("WAYPOST_KEYS_FILE must name the file with the master keys")
    provider = FileKeyProvider(settings.keys_file)
    data_keys = DataKeys(provider, clock)
    ciphers = Ciphers(provider, data_keys)
    commit = GroupCommit(bus, ciphers, settings.queue_bytes)
    issue_store = IssueStore(database)
    rejected = RejectedStore(database)
    issues = IssueBook(issue_store, rejected, ciphers, clock)
    live = Live()
    key_store, logins, pages = KeyStore(database), Logins(provider), Pages(signing)
    keys = Keys(key_store, clock)
    admission = Admission(keys, settings)
    member_store = MemberStore(database, ciphers)
    issuer = settings.issuer()
    members = Members(TokenVerifier(issuer, clock), member_store, logins) if issuer else None
    audit_store = AuditStore(database)
    state = Health()
    remote = Remote(peers)
    job_store, files = JobStore(database), ImportFiles(database, ciphers)
    loads = ImportJobs(database, files, ciphers, remote, commit, clock)
    privacy_jobs = PrivacyJobs(database, files, remote, clock, timedelta(days=settings.backup_days))
    runner = JobRunner(database, job_store, {KIND: loads, PRIVACY: privacy_jobs}, clock)
    uploads = Uploads(files, clock, settings.import_bytes)
    desk = ImportDesk(database, files, uploads, ciphers, remote, clock, runner.wake)

    door = FormDoor(database, ciphers, commit, live, remote, clock)
    visits, scanned, rates = VisitBook(database, clock), Scanned(database), PublicRates(settings)
    base = settings.pages_url
    scans = qr_scans.Scans(scanned, commit, live, visits, clock, base)

    app = web.make()
    app.state.admission = admission
    app.state.members = members
    ingestion = Ingestion(admission, commit, issues, live, clock)
    samples = issue_samples.IssueSamples(remote, rejected, ciphers, pages)
    areas = (
        search,
        changes,  # before profiles, whose ids could be anything
        profiles,
        corrections,
        data_key_routes,
        commerce,
        # Before segments, whose ids would take the verb in.
        exports,
        identity,
        identity_check,
        quarantine,
        relations,
        org_units,
        staff,
        accounts,
        sources,
        event_schemas,
        exchange_rates,
        consents,
        credits,
        consent_settings,
        opt_out_words,
        suppressions,
        segments,
        rules,
        journeys,
        runs,
        rfm,
        messages,
        templates,
        callbacks,
        unsubscribe,
        ledgers,
    )
    routers = (
        ingest_routes.router(ingestion),
        health.router(state, bus),
        *(area.router(remote) for area in areas),
        timeline.router(remote, pages),
        issue_routes.router(remote, issue_store, pages),
        issue_samples.router(samples, commit, pages),
        live_routes.router(live),
        api_keys.router(key_store, keys, pages, clock),
        member_routes.router(member_store, members, logins, pages, clock),
        audit_routes.router(audit_store, pages),
        imports.router(desk, job_store, pages, clock),
        jobs.router(job_store, pages, clock),
        forms.router(database, remote, ciphers, pages, clock, base),
        form_terms.router(),
        form_pages.router(form_pages.FormPages(door, ciphers, rates, visits, scanned)),
        qr_codes.router(database, commit, live, pages, clock, base),
        qr_scans.router(scans, rates),
        privacy.router(remote, database, job_store, files, pages, clock, runner.wake),
    )
    routes = web.add(app, routers)
    app.state.audit = audit = AuditTrail(audit_store, clock, routes)
    return Gateway(
        app=Observed(
            admission.around(
                FastLane(ingestion, web.BodyCap(Audited(NamesKept(app), audit), imports.UPLOAD))
            ),
            ingest_routes.PATHS,
        ),
        listen=settings.listen,
        trusted_proxies=settings.trusted_proxies,
        leave_s=settings.leave_s,
        metrics_listen=settings.metrics_listen,
        database=database,
        bus=bus,
        peers=peers,
        ingestion=ingestion,
        commit=commit,
        issues=issues,
        keys=keys,
        data_keys=FollowDataKeys(data_keys, DataKeyStore(database), remote),
        health=state,
        loops=(runner.run, ImportExpiry(database, clock).run, visits.run),
        flushes=(visits.flush,),
        routes=routes,
    )
