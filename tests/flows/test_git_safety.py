"""A repository is hostile input.

Nothing in it names a program that runs, or leads to a file outside it, and nothing of
it is unbounded.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from almanac.flows.harvest.git_history import GONE, GitRepository
from almanac.flows.pipeline.backfill import Past
from tests.conftest import almanac
from tests.flows.test_backfill import OFFER, record, run, spells
from tests.support.gitrepo import GitRepo

EVERY = re.compile("")
PATH = OFFER.format("gpt-4o")
DAYS = ("2026-02-01T00:00:00Z", "2026-02-02T00:00:00Z", "2026-02-03T00:00:00Z")


@pytest.fixture
def repo(tmp_path: Path) -> GitRepo:
    made = GitRepo(tmp_path / "catalogue")
    for price, day in enumerate(DAYS, 1):
        made.commit(
            day, {PATH: record(price), ".gitattributes": "* diff=evil filter=evil merge=evil\n"}
        )
    return made


@pytest.fixture
def program(tmp_path: Path) -> Callable[[str], str]:
    """Give a program that leaves a mark of its name when it is run, whatever it is given."""
    marks = tmp_path / "marks"
    marks.mkdir()
    (tmp_path / "programs").mkdir()

    def make(name: str) -> str:
        path = tmp_path / "programs" / re.sub(r"\W+", "-", name)
        path.write_text(
            f"#!/bin/sh\ntouch '{marks}/{path.name}'\ncat >/dev/null 2>&1 </dev/null\nexit 0\n"
        )
        path.chmod(0o755)
        return str(path)

    return make


def marks(tmp_path: Path) -> list[str]:
    return sorted(p.name for p in (tmp_path / "marks").iterdir())


def states(place: str, cache: Path) -> list[tuple[str, dict[str, str]]]:
    """Return the history of a repository.

    By commit it is the moment and the content of what it changed.
    """
    with GitRepository(place, cache) as opened:
        commits = list(opened.commits(EVERY))
        bodies = {
            blob: (body or b"").decode()
            for blob, body, _ in opened.blobs(
                b for c in commits for b in c.changes.values() if b != GONE
            )
        }
    return [
        (c.moment.isoformat(), {path: bodies.get(blob, "") for path, blob in c.changes.items()})
        for c in commits
    ]


PROGRAMS = (
    "gpg.program",
    "gpg.openpgp.program",
    "gpg.ssh.program",
    "gpg.x509.program",
    "gpg.ssh.defaultKeyCommand",
    "core.fsmonitor",
    "core.sshCommand",
    "core.pager",
    "core.editor",
    "sequence.editor",
    "core.askPass",
    "core.gitProxy",
    "core.alternateRefsCommand",
    "pager.log",
    "pager.cat-file",
    "pager.rev-parse",
    "pager.config",
    "diff.external",
    "diff.evil.textconv",
    "diff.evil.command",
    "filter.evil.clean",
    "filter.evil.smudge",
    "filter.evil.process",
    "merge.evil.driver",
    "uploadpack.packObjectsHook",
    "remote.origin.uploadpack",
    "remote.origin.receivepack",
    "remote.origin.proxy",
    "interactive.diffFilter",
    "credential.helper",
    "trailer.evil.cmd",
    "trailer.evil.command",
    "gc.recentObjectsHook",
    "web.browser",
    "browser.evil.cmd",
    "man.evil.cmd",
    "difftool.evil.cmd",
    "mergetool.evil.cmd",
    "sendemail.smtpServer",
    "instaweb.httpd",
    "imap.tunnel",
    "init.templateDir",
    "submodule.evil.update",
    "ssh.variant",
    "guitool.evil.cmd",
)
HOOKS = (
    "post-checkout",
    "reference-transaction",
    "post-index-change",
    "fsmonitor-watchman",
    "pre-auto-gc",
    "post-update",
    "update",
    "pre-receive",
    "post-receive",
    "proc-receive",
    "post-merge",
    "post-commit",
    "pre-push",
)


def plant(repo: GitRepo, program: Callable[[str], str], tmp_path: Path) -> None:
    """Name a program in every place in which git looks for one.

    Switch on whatever would run it.
    """
    for key in PROGRAMS:
        repo.run("config", key, program(key))
    repo.run("config", "submodule.evil.update", "!" + program("submodule.evil.update"))
    for name in ("log", "cat-file", "rev-parse", "config", "rev-list", "fetch"):
        repo.run("config", f"alias.{name}", "!" + program(f"alias-{name}"))
    for key, value in (
        ("log.showSignature", "true"),
        ("log.diffMerges", "combined"),
        ("protocol.ext.allow", "always"),
        ("protocol.allow", "always"),
        ("diff.evil.cachetextconv", "true"),
        ("extensions.partialClone", "origin"),
        ("remote.origin.promisor", "true"),
        ("remote.origin.partialCloneFilter", "blob:none"),
        ("core.repositoryFormatVersion", "1"),
        ("remote.origin.url", f"ext::{program('remote-ext')} %S"),
        ("core.hooksPath", str(tmp_path / "hooks")),
        ("core.attributesFile", str(tmp_path / "attributes")),
        ("fetch.recurseSubmodules", "true"),
        ("core.untrackedCache", "true"),
    ):
        repo.run("config", key, value)
    repo.run("config", f"url.ext::{program('insteadOf')} .insteadOf", "https://")
    for folder in (tmp_path / "hooks", repo.folder / ".git" / "hooks"):
        folder.mkdir(exist_ok=True)
        for hook in HOOKS:
            (folder / hook).write_text(
                Path(program(f"hook-{folder.parent.name}-{hook}")).read_text()
            )
            (folder / hook).chmod(0o755)
    included = tmp_path / "included"
    included.write_text(
        f"[gpg]\n\tprogram = {program('included')}\n[core]\n"
        f"\tfsmonitor = {program('included-fsmonitor')}\n"
    )
    conditional = tmp_path / "conditional"
    conditional.write_text(f"[gpg]\n\tprogram = {program('conditional')}\n")
    (repo.folder / ".git" / "info").mkdir(exist_ok=True)
    (repo.folder / ".git" / "info" / "attributes").write_text("* diff=evil filter=evil\n")
    (tmp_path / "attributes").write_text("* diff=evil filter=evil\n")
    with (repo.folder / ".git" / "config").open("a") as config:
        config.write(
            f'[include]\n\tpath = {included}\n[includeIf "gitdir:/"]\n\tpath = {conditional}\n'
        )


def signed(repo: GitRepo) -> None:
    """Put a commit with a signature on top.

    To show it is what runs the program that checks signatures.
    """
    commit = repo.run("cat-file", "commit", "HEAD")
    head, _, message = commit.partition("\n\n")
    parent = repo.run("rev-parse", "HEAD")
    lines = [line for line in head.split("\n") if not line.startswith("parent")]
    lines.insert(1, f"parent {parent}")
    text = (
        "\n".join(lines) + "\ngpgsig -----BEGIN PGP SIGNATURE-----\n \n iQEzBAABCAAdFiEE\n"
        " -----END PGP SIGNATURE-----\n\n" + message + "\n"
    )
    made = subprocess.run(
        ["git", "-C", str(repo.folder), "hash-object", "-t", "commit", "-w", "--stdin"],
        input=text,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    repo.run("update-ref", "refs/heads/main", made)


def test_no_program_that_a_repository_names_is_run(
    repo: GitRepo, program: Callable[[str], str], tmp_path: Path
) -> None:
    signed(repo)
    expected = [(DAYS[i].replace("Z", "+00:00"), record(i + 1)) for i in range(3)]
    plant(repo, program, tmp_path)
    assert [
        (moment, changed[PATH])
        for moment, changed in states(str(repo.folder), tmp_path / "cache")
        if changed
    ] == expected
    assert marks(tmp_path) == []
    done = almanac("backfill", "models_dev", "--git", str(repo.folder), home=tmp_path / "home")
    assert done.returncode == 0, done.stderr
    assert marks(tmp_path) == []
    assert {s[5] for s in spells(tmp_path / "home") if s[3:5] == ("price", "input")} == {
        "1",
        "2",
        "3",
    }


def test_the_planted_programs_would_run_if_git_were_asked_in_the_folder(
    repo: GitRepo, program: Callable[[str], str], tmp_path: Path
) -> None:
    """So that the test above can fail: git itself, asked there, does run some of them."""
    signed(repo)
    plant(repo, program, tmp_path)
    subprocess.run(
        ["git", "-c", "safe.directory=*", "-C", str(repo.folder), "log"],
        capture_output=True,
        check=False,
    )
    subprocess.run(
        ["git", "-c", "safe.directory=*", "-C", str(repo.folder), "status"],
        capture_output=True,
        check=False,
    )
    assert len(marks(tmp_path)) >= 2


def test_a_missing_object_is_not_fetched_from_where_the_repository_says(
    repo: GitRepo, program: Callable[[str], str], tmp_path: Path
) -> None:
    """A partial clone fetches what it lacks from its promisor: here from a program."""
    plant(repo, program, tmp_path)
    blob = repo.run("rev-parse", f"HEAD~1:{PATH}")
    (repo.folder / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    done = almanac("backfill", "models_dev", "--git", str(repo.folder), home=tmp_path / "home")
    assert (
        done.returncode == 2
        and f"blob {blob} is missing" in done.stderr
        and len(done.stderr.splitlines()) == 1
    ), done.stderr
    assert marks(tmp_path) == []


@pytest.mark.parametrize(
    "place",
    [
        "ext::sh -c 'touch MARK'",
        "ext::touch MARK",
        "--upload-pack=touch MARK",
        "-oProxyCommand=touch MARK",
        "-u./MARK@host:x",
        "ssh://-oProxyCommand=touch%20MARK/x",
        "ssh://-oProxyCommand=x@host/x",
        "-x@host:path",
        "fd::17",
        "transport::address",
        "x@-host:path",
        "https://host/x\n--upload-pack=touch MARK",
        "javascript://x/y",
        "file://elsewhere/path",
        "git@host:-x",
        "ssh://host/-x y",
    ],
)
def test_an_address_that_could_be_an_option_or_a_program_is_refused_in_one_line(
    place: str, program: Callable[[str], str], tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match=r"neither a folder nor the address|no address") as said:
        GitRepository(place.replace("MARK", program("address")), tmp_path / "cache")
    assert marks(tmp_path) == [] and len(str(said.value).splitlines()) == 1


def test_a_folder_whose_name_begins_with_a_dash_is_only_a_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    repo = GitRepo(tmp_path / "--upload-pack=x")
    repo.commit(DAYS[0], {"a": "1"})
    assert states("--upload-pack=x", tmp_path / "cache") == [
        ("2026-02-01T00:00:00+00:00", {"a": "1"})
    ]


def test_the_variables_of_who_calls_do_not_lead_elsewhere(
    repo: GitRepo, program: Callable[[str], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = GitRepo(tmp_path / "other")
    other.commit("2020-01-01T00:00:00Z", {"other": "x"})
    config = tmp_path / "callers"
    config.write_text(
        f"[gpg]\n\tprogram = {program('callers')}\n[log]\n\tshowSignature = true\n[core]\n"
        f"\tfsmonitor = {program('callers-fsmonitor')}\n"
    )
    signed(repo)
    expected = states(str(repo.folder), tmp_path / "cache")
    git = other.folder / ".git"
    for name, value in {
        "GIT_DIR": git,
        "GIT_WORK_TREE": other.folder,
        "GIT_COMMON_DIR": git,
        "GIT_OBJECT_DIRECTORY": git / "objects",
        "GIT_INDEX_FILE": git / "index",
        "GIT_NAMESPACE": "x",
        "GIT_CONFIG_GLOBAL": config,
        "GIT_CONFIG_SYSTEM": config,
        "GIT_CONFIG": config,
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "gpg.program",
        "GIT_CONFIG_VALUE_0": program("count"),
        "GIT_CONFIG_PARAMETERS": f"'gpg.program={program('parameters')}'",
        "GIT_PAGER": program("pager"),
        "PAGER": program("pager2"),
        "GIT_EXTERNAL_DIFF": program("diff"),
        "GIT_EXEC_PATH": tmp_path / "programs",
        "GIT_TRACE": tmp_path / "marks" / "trace",
        "GIT_REPLACE_REF_BASE": "refs/heads",
        "GIT_GRAFT_FILE": config,
        "GIT_SHALLOW_FILE": config,
        "GIT_ALTERNATE_OBJECT_DIRECTORIES": git / "objects",
        "GIT_SSH_COMMAND": program("ssh"),
        "XDG_CONFIG_HOME": tmp_path,
    }.items():
        monkeypatch.setenv(name, str(value))
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".gitconfig").write_text(config.read_text())
    assert states(str(repo.folder), tmp_path / "cache") == expected
    assert marks(tmp_path) == []


def test_replaced_objects_and_grafts_do_not_change_what_is_read(
    repo: GitRepo, tmp_path: Path
) -> None:
    expected = states(str(repo.folder), tmp_path / "cache")
    forged = GitRepo(tmp_path / "forged").commit(DAYS[0], {"x": "y"})
    first, _, last = repo.run("log", "--reverse", "--format=%H").split("\n")
    blob, other = repo.run("rev-parse", f"HEAD:{PATH}"), repo.run("rev-parse", f"HEAD~2:{PATH}")
    repo.run("replace", blob, other)
    (repo.folder / ".git" / "info").mkdir(exist_ok=True)
    (repo.folder / ".git" / "info" / "grafts").write_text(f"{last} {first}\n")
    assert forged and states(str(repo.folder), tmp_path / "cache") == expected


def test_a_folder_that_leads_elsewhere_is_refused_in_one_line(
    repo: GitRepo, tmp_path: Path
) -> None:
    """A `.git` file, a worktree, links in place of parts of it.

    Each says where it leads, or what to do.
    """
    secret = GitRepo(tmp_path / "secret")
    secret.commit(DAYS[0], {"secret": "price"})
    git = secret.folder / ".git"

    def folder(name: str) -> Path:
        made = tmp_path / name
        made.mkdir()
        return made

    pointed = folder("pointed")
    (pointed / ".git").write_text(f"gitdir: {git}\n")
    linked = folder("linked")
    (linked / ".git").symlink_to(git)
    parts = folder("parts")
    (parts / "refs").mkdir()
    (parts / "HEAD").write_text(secret.run("rev-parse", "HEAD"))
    (parts / "objects").symlink_to(git / "objects")
    pack = folder("pack")
    (pack / "objects" / "pack").mkdir(parents=True)
    (pack / "HEAD").write_text(secret.run("rev-parse", "HEAD"))
    secret.run("repack", "-adq")
    for file in (git / "objects" / "pack").iterdir():
        (pack / "objects" / "pack" / file.name).symlink_to(file)
    head = folder("head")
    (head / "objects").mkdir()
    (head / "HEAD").symlink_to(git / "HEAD")
    climbing = folder("climbing")
    (climbing / "objects").mkdir()
    (climbing / "HEAD").write_text("ref: refs/../../secret/.git/refs/heads/main\n")
    reflink = folder("reflink")
    (reflink / "objects").mkdir()
    (reflink / "HEAD").write_text("ref: refs/heads/main\n")
    (reflink / "refs").symlink_to(git / "refs")
    borrowed = folder("borrowed")
    subprocess.run(
        ["git", "clone", "-q", "--bare", "--shared", str(secret.folder), str(borrowed)],
        check=True,
        capture_output=True,
    )
    worktree = tmp_path / "worktree"
    repo.run("worktree", "add", "-q", "--detach", str(worktree))
    fifo = folder("fifo")
    (fifo / "objects").mkdir()
    os.mkfifo(fifo / "HEAD")
    other = folder("sha256")
    subprocess.run(
        ["git", "-C", str(other), "init", "-q", "--object-format=sha256", "-b", "main"],
        check=True,
        capture_output=True,
    )
    who = ("-c", "user.name=x", "-c", "user.email=x@example.org")
    subprocess.run(
        ["git", "-C", str(other), *who, "commit", "-q", "--allow-empty", "-m", "x"],
        check=True,
        capture_output=True,
    )
    for place in (
        other,
        pointed,
        linked,
        parts,
        pack,
        head,
        climbing,
        reflink,
        borrowed,
        worktree,
        repo.folder / ".git" / "worktrees" / "worktree",
        fifo,
    ):
        with pytest.raises(ValueError) as said:
            states(str(place), tmp_path / "cache")
        assert str(place) in str(said.value) and len(str(said.value).splitlines()) == 1, said.value
    with pytest.raises(ValueError, match="borrows objects"):
        states(str(borrowed), tmp_path / "cache")
    with pytest.raises(ValueError, match=re.escape(str(git))):
        states(str(pointed), tmp_path / "cache")


@pytest.mark.parametrize(
    "form",
    [
        "packed",
        "bare",
        "detached",
        "packed-refs",
        "git folder",
        "subtree",
        "shallow",
        "linked place",
        "file address",
    ],
)
def test_every_usual_form_of_a_repository_is_read(form: str, repo: GitRepo, tmp_path: Path) -> None:
    expected = states(str(repo.folder), tmp_path / "cache")
    place = repo.folder
    if form == "packed":
        repo.run("gc", "-q", "--aggressive")
    elif form == "bare":
        place = tmp_path / "bare.git"
        subprocess.run(
            ["git", "clone", "-q", "--bare", str(repo.folder), str(place)],
            check=True,
            capture_output=True,
        )
    elif form == "detached":
        repo.run("checkout", "-q", "--detach")
    elif form == "packed-refs":
        repo.run("pack-refs", "--all")
    elif form == "git folder":
        place = repo.folder / ".git"
    elif form == "linked place":
        place = tmp_path / "link"
        place.symlink_to(repo.folder)
    elif form == "shallow":
        place = tmp_path / "shallow"
        subprocess.run(
            ["git", "clone", "-q", "--depth=2", f"file://{repo.folder}", str(place)],
            check=True,
            capture_output=True,
        )
        expected = expected[1:]
        expected[0][1][".gitattributes"] = "* diff=evil filter=evil merge=evil\n"
    elif form == "subtree":
        with pytest.raises(ValueError, match="no git repository"):
            states(str(repo.folder / "providers"), tmp_path / "cache")
        return
    before = sorted(str(p) for p in place.resolve().rglob("*"))
    assert (
        states(f"file://{place}" if form == "file address" else str(place), tmp_path / "cache")
        == expected
    )
    assert sorted(str(p) for p in place.resolve().rglob("*")) == before, (
        "nothing is written into it"
    )
    assert [p for p in (tmp_path / "cache").iterdir() if p.is_dir()] == [], (
        "the copy is gone when it was read"
    )


def test_a_copy_that_a_killed_run_left_is_taken_away_by_the_next_and_one_in_use_is_not(
    repo: GitRepo, tmp_path: Path
) -> None:
    cache = tmp_path / "cache"
    code = (
        "import os; from pathlib import Path;"
        " from almanac.flows.harvest.git_history import GitRepository;"
        f" r = GitRepository({str(repo.folder)!r}, Path({str(cache)!r})); os._exit(9)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 9
    assert len(list(cache.iterdir())) == 1
    with GitRepository(str(repo.folder), cache) as first:
        left = [p for p in cache.iterdir() if p.is_dir()]
        assert len(left) == 1
        with GitRepository(str(repo.folder), cache):
            assert set(left) < {p for p in cache.iterdir() if p.is_dir()}
        assert len(list(first.commits(EVERY))) == 3


def test_a_repository_of_another_user_is_read(repo: GitRepo, tmp_path: Path) -> None:
    """In a container the folder that is mounted often belongs to somebody else."""
    if os.geteuid() != 0:
        pytest.skip("only root can give a folder away")
    expected = states(str(repo.folder), tmp_path / "cache")
    for path in [repo.folder, *repo.folder.rglob("*")]:
        os.chown(path, 4321, 4321, follow_symlinks=False)
    assert states(str(repo.folder), tmp_path / "cache") == expected


def test_a_file_that_is_too_large_is_a_failed_look_and_the_run_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from almanac.flows.harvest import git_history as module
    from almanac.flows.harvest.plan import Order
    from almanac.flows.pipeline import replay as kept
    from almanac.flows.pipeline.pipeline import Plain

    repo = GitRepo(tmp_path / "catalogue")
    other = OFFER.format("o3")
    repo.commit(DAYS[0], {PATH: record(1), other: record(1)})
    repo.commit(DAYS[1], {PATH: record(2) + "#" * 5000, other: record(2)})
    repo.commit(DAYS[2], {PATH: record(3), other: record(3)})
    monkeypatch.setattr(module, "LARGEST_PAGE", 4096)
    report = run(Past("models_dev", git=str(repo.folder)), tmp_path / "home")
    ((page, why),) = report.sources[0].failed.items()
    assert PATH in page and "2026-02-02" in page and "4,096" in why and "more than" in why
    printed = {
        (s[0].rpartition("/")[2], s[5], s[6][:10], s[7] and s[7][:10])
        for s in spells(tmp_path / "home")
        if s[3:5] == ("price", "input")
    }
    assert printed == {
        ("gpt-4o.toml", "1", "2026-02-01", "2026-02-02"),
        ("gpt-4o.toml", "3", "2026-02-03", None),
        ("o3.toml", "1", "2026-02-01", "2026-02-01"),
        ("o3.toml", "2", "2026-02-02", "2026-02-02"),
        ("o3.toml", "3", "2026-02-03", None),
    }, printed
    before = spells(tmp_path / "home")
    for path in (tmp_path / "home").glob("warehouse.db*"):
        path.unlink()
    order = Order(
        home=tmp_path / "home",
        database=f"sqlite:///{tmp_path / 'home' / 'warehouse.db'}",
        as_of=datetime(2026, 11, 21, tzinfo=UTC),
    )
    again = kept.replay(order, Plain())
    assert spells(tmp_path / "home") == before, "the archive remembers that it was too large"
    assert [why] == list(again.sources[0].failed.values())


def test_a_copy_of_a_page_that_is_too_large_is_a_failed_look_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import json

    from almanac.flows.harvest import git_history as module

    repo = GitRepo(tmp_path / "scraped")
    for day, pad in zip(DAYS, ("", " " * 5000, "\n"), strict=True):
        listed = {
            "data": [
                {
                    "id": "openai/gpt-4o",
                    "name": "GPT-4o",
                    "context_length": 128000,
                    "pricing": {"prompt": "0.000003", "completion": "0.00001"},
                }
            ]
        }
        repo.commit(day, {"models.json": json.dumps(listed) + pad})
    monkeypatch.setattr(module, "LARGEST_PAGE", 4096)
    report = run(Past("openrouter", git=str(repo.folder)), tmp_path / "home")
    assert (
        report.sources[0].looks == 2
        and len(report.sources[0].failed) == 1
        and "4,096" in next(iter(report.sources[0].failed.values()))
    )


def test_a_body_that_is_not_what_its_id_says_is_not_taken(repo: GitRepo, tmp_path: Path) -> None:
    """A pack can hold anything under any name: git does not look when it reads."""
    import hashlib
    import zlib

    blob = repo.run("rev-parse", f"HEAD:{PATH}")
    path = repo.folder / ".git" / "objects" / blob[:2] / blob[2:]
    forged = record(9).encode()
    path.chmod(0o644)
    path.write_bytes(zlib.compress(b"blob %d\0" % len(forged) + forged))
    assert hashlib.sha1(b"blob %d\0" % len(forged) + forged).hexdigest() != blob
    done = almanac("backfill", "models_dev", "--git", str(repo.folder), home=tmp_path / "home")
    assert done.returncode == 2 and blob in done.stderr and len(done.stderr.splitlines()) == 1, (
        done.stderr
    )


ODD = (
    "we\x85ird.toml",
    "new\nline.toml",
    "\nleading.toml",
    "re\rturn.toml",
    "tab\there.toml",
    "sep\u2028arator.toml",
    "per%0Acent.toml",
    "ünï.toml",
    ":colon.toml",
    "\x01one.toml",
)


def test_names_of_files_are_exact_also_from_the_archive(tmp_path: Path) -> None:
    """A name is bytes.

    Line ends of any kind, and bytes that are no UTF-8, stay apart and come back.
    """
    from almanac.flows.pipeline.replay import ArchivedRepository
    from almanac.spiders.archive.warc import Archive

    repo = GitRepo(tmp_path / "catalogue")
    repo.commit(DAYS[0], {PATH: record(1), **{f"models/{name}": name for name in ODD}})
    for name in (b"models/\xff.toml", b"models/\xfe.toml", b"models/%FF.toml"):
        with open(os.fsencode(repo.folder) + b"/" + name, "wb") as file:
            file.write(name)
    repo.commit(DAYS[1], {})
    with GitRepository(str(repo.folder), tmp_path / "cache") as opened:
        commits = list(opened.commits(EVERY))
        bodies = {
            blob: body
            for blob, body, _ in opened.blobs(b for c in commits for b in c.changes.values())
        }
    assert len(commits[0].changes) == len(ODD) + 1 and len(commits[1].changes) == 3
    assert sorted(bodies.values()) == sorted(
        [
            record(1).encode(),
            *(name.encode() for name in ODD),
            b"models/\xff.toml",
            b"models/\xfe.toml",
            b"models/%FF.toml",
        ]
    )
    for path in [p for c in commits for p in c.changes]:
        assert not re.search("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]", path)
        path.encode()
    files = "models/"
    run(Past("models_dev", git=str(repo.folder), files=files), tmp_path / "home")
    archive = Archive(tmp_path / "home" / "captures")
    looks = tuple(c for c, _ in archive.looks if "/commit/" in c.url)
    kept = list(ArchivedRepository("git:catalogue", looks, archive).commits(re.compile(files)))
    assert [c.changes for c in kept] == [c.changes for c in commits]


def test_a_link_follows_when_the_link_it_leads_to_is_turned(tmp_path: Path) -> None:
    repo = GitRepo(tmp_path / "r")
    repo.commit(DAYS[0], {"one.toml": "1", "two.toml": "2"}, {"b": "one.toml", "a.toml": "b"})
    repo.commit(DAYS[1], {}, {"b": "two.toml"})
    repo.commit(DAYS[2], {"two.toml": "3"})
    with GitRepository(str(repo.folder), tmp_path / "cache") as opened:
        commits = list(opened.commits(re.compile(r"^a\.toml$")))
        bodies = {
            blob: body
            for blob, body, _ in opened.blobs(b for c in commits for b in c.changes.values())
        }
    assert [bodies[c.changes["a.toml"]] for c in commits] == [b"1", b"2", b"3"]


def test_links_that_lead_out_or_in_a_circle_or_are_no_path_are_no_file(tmp_path: Path) -> None:
    repo = GitRepo(tmp_path / "r")
    repo.commit(
        DAYS[0],
        {"a": "1"},
        {
            "out": "../../../../etc/passwd",
            "absolute": "/etc/passwd",
            "x": "y",
            "y": "x",
            "long": "z" * 4000,
            "self": "self",
        },
    )
    ((_, changed),) = states(str(repo.folder), tmp_path / "cache")
    assert changed == {"a": "1", **dict.fromkeys(("out", "absolute", "x", "y", "long", "self"), "")}


def test_history_that_is_longer_than_is_read_is_refused(
    repo: GitRepo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from almanac.flows.harvest import git_process as git

    monkeypatch.setattr(git, "LONGEST", 100)
    with pytest.raises(ValueError, match="more than 100 bytes"):
        states(str(repo.folder), tmp_path / "cache")


def test_more_links_than_are_followed_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from almanac.flows.harvest import git_history as module

    repo = GitRepo(tmp_path / "r")
    repo.commit(DAYS[0], {"a": "1"}, {f"link{i}": "a" for i in range(5)})
    monkeypatch.setattr(module, "LINKS", 4)
    with pytest.raises(ValueError, match="more than 4 links"):
        states(str(repo.folder), tmp_path / "cache")


def test_a_commit_of_an_impossible_year_is_one_line(repo: GitRepo, tmp_path: Path) -> None:
    text = repo.run("cat-file", "commit", "HEAD")
    text = re.sub(r"^(committer .*> )\d+", r"\g<1>99999999999999", text, flags=re.M) + "\n"
    made = subprocess.run(
        [
            "git",
            "-C",
            str(repo.folder),
            "hash-object",
            "--literally",
            "-t",
            "commit",
            "-w",
            "--stdin",
        ],
        input=text,
        capture_output=True,
        text=True,
        check=True,
    )
    repo.run("update-ref", "refs/heads/main", made.stdout.strip())
    done = almanac("backfill", "models_dev", "--git", str(repo.folder), home=tmp_path / "home")
    assert (
        done.returncode == 2 and "no date" in done.stderr and len(done.stderr.splitlines()) == 1
    ), done.stderr


def test_a_remote_that_hangs_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from almanac.flows.harvest import git_process as git

    monkeypatch.setattr(git, "FETCHING", 2.0)
    with socket.create_server(("127.0.0.1", 0)) as server:
        held: list[socket.socket] = []

        def accepts() -> None:
            try:
                while True:
                    held.append(server.accept()[0])
            except OSError:
                return

        threading.Thread(target=accepts, daemon=True).start()
        started = time.monotonic()
        with pytest.raises(ValueError, match="did not answer within 2 seconds") as said:
            GitRepository(
                f"http://user:secret@127.0.0.1:{server.getsockname()[1]}/x.git", tmp_path / "cache"
            )
        assert time.monotonic() - started < 20 and "secret" not in str(said.value)
    assert not any("secret" in str(p) for p in (tmp_path / "cache").rglob("*")), (
        "a name or token is not kept"
    )
    for one in held:
        one.close()


def test_a_repository_at_an_address_is_fetched_and_fetched_again(
    repo: GitRepo, tmp_path: Path
) -> None:
    """Over HTTP, by git's own server, with and without a change in between."""
    import http.server
    import urllib.parse

    root = repo.folder.parent

    class Git(http.server.BaseHTTPRequestHandler):
        def _answer(self) -> None:
            parsed = urllib.parse.urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            done = subprocess.run(
                ["git", "-c", "safe.directory=*", "http-backend"],
                input=body,
                capture_output=True,
                check=False,
                env={
                    "PATH": os.environ["PATH"],
                    "GIT_PROJECT_ROOT": str(root),
                    "GIT_HTTP_EXPORT_ALL": "1",
                    "PATH_INFO": parsed.path,
                    "QUERY_STRING": parsed.query,
                    "REQUEST_METHOD": self.command,
                    "CONTENT_TYPE": self.headers.get("Content-Type") or "",
                    "GIT_PROTOCOL": self.headers.get("Git-Protocol") or "",
                    "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding") or "",
                },
            )
            head, _, answer = done.stdout.partition(b"\r\n\r\n")
            self.send_response(200)
            for line in head.decode().split("\r\n"):
                self.send_header(*line.split(": ", 1))
            self.end_headers()
            self.wfile.write(answer)

        do_GET = do_POST = _answer

        def log_message(self, *args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Git)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        address = f"http://127.0.0.1:{server.server_port}/catalogue/.git"
        expected = states(str(repo.folder), tmp_path / "local")
        assert states(address, tmp_path / "cache") == expected
        repo.commit("2026-02-04T00:00:00Z", {PATH: record(4)})
        assert (
            states(address, tmp_path / "cache")
            == states(str(repo.folder), tmp_path / "local")
            != expected
        )
        assert len(list((tmp_path / "cache").iterdir())) == 1
    finally:
        server.shutdown()
        server.server_close()


def planted(folder: Path, elsewhere: Path) -> dict[str, str]:
    """Put into a bare repository what git acts on; return names and content of what has to go."""
    outside = elsewhere / "outside"
    outside.mkdir(parents=True)
    (outside / "HEAD").write_text("ref: refs/heads/x\n")
    files = {
        "commondir": f"{outside}\n",
        "gitdir": f"{outside}\n",
        "config.worktree": "[core]\n\tfsmonitor = x\n",
        "hooks/reference-transaction": "#!/bin/sh\ntouch x\n",
        "info/attributes": "* filter=evil\n",
        "info/grafts": "0" * 40 + "\n",
        "info/sparse-checkout": "/*\n",
        "shallow": "0" * 40 + "\n",
        "objects/info/alternates": f"{outside}\n",
        "objects/info/http-alternates": "http://x/\n",
        "objects/info/commit-graph": "x",
        "objects/pack/multi-pack-index": "x",
        "objects/pack/pack-1.promisor": "",
        "objects/pack/tmp_pack_x": "x",
        "objects/pack/pack-1.keep": "",
        "objects/00/tmp_obj_x": "x",
        "objects/extra/x": "x",
        "refs/replace/" + "0" * 40: "0" * 40,
        "refs/heads/almanac.lock": "",
        "refs/heads/x": f"ref: {outside}\n",
        "worktrees/x/gitdir": "x\n",
        "remotes/origin": "URL: http://x/\n",
        "branches/x": "http://x/#x\n",
        "modules/x/config": "[core]\n",
        "FETCH_HEAD": "x",
        "index": "x",
        "description": "x",
        "config.lock": "",
        "logs/HEAD": "x",
        "x": "x",
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    for name in ("config", "HEAD"):
        (folder / name).unlink()
        (folder / name).symlink_to(outside / "HEAD")
    (folder / "objects" / "11").symlink_to(outside)
    (folder / "objects" / "00" / ("2" * 38)).symlink_to(outside / "HEAD")
    (folder / "objects" / "pack" / "pack-2.pack").symlink_to(outside / "HEAD")
    (folder / "linked").symlink_to(outside)
    return files


def test_only_objects_and_the_reference_stay_in_a_repository_of_ours(tmp_path: Path) -> None:
    from almanac.flows.harvest import git_process
    from almanac.flows.harvest import safe_git as git

    folder = git.empty_repository(tmp_path / "ours.git")
    blob = git_process.run(folder, "hash-object", "-w", "--stdin", data=b"kept").decode().strip()
    loose = f"objects/{blob[:2]}/{blob[2:]}"
    packs = {f"objects/pack/pack-3.{kind}": kind for kind in ("pack", "idx")}
    for name, text in {**packs, "refs/heads/almanac": "1" * 40 + "\n"}.items():
        (folder / name).write_text(text)
    before = {"config": (folder / "config").read_text(), "HEAD": (folder / "HEAD").read_text()}
    planted(folder, tmp_path)
    git.empty_repository(folder)
    left = {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_symlink() or p.is_file()}
    assert left == {"config", "HEAD", loose, *packs, "refs/heads/almanac"}
    assert {name: (folder / name).read_text() for name in before} == before
    assert git_process.run(folder, "cat-file", "blob", blob) == b"kept"
    assert (tmp_path / "outside" / "HEAD").read_text() == "ref: refs/heads/x\n", (
        "no link is followed"
    )


@pytest.mark.parametrize("part", ["", "objects", "refs", "refs/heads", "objects/pack"])
def test_a_repository_of_ours_that_is_a_link_is_made_anew(part: str, tmp_path: Path) -> None:
    from almanac.flows.harvest import git_process
    from almanac.flows.harvest import safe_git as git

    outside = tmp_path / "outside"
    (outside / "pack").mkdir(parents=True)
    (outside / "almanac").write_text("1" * 40)
    folder = git.empty_repository(tmp_path / "ours.git")
    path = folder / part if part else folder
    path.rename(tmp_path / "aside")
    path.symlink_to(outside)
    git.empty_repository(folder)
    assert not path.is_symlink() and path.is_dir()
    assert sorted(p.name for p in outside.iterdir()) == ["almanac", "pack"]
    assert git_process.run(folder, "rev-parse", "--is-bare-repository") == b"true\n"


SECRETS = (
    "ftp://me:s3cret@example.org/x",
    "ftp://s3cret@example.org/x",
    "ftp://me:a@s3cret@example.org/x",
    "ftp://me:a/s3cret@example.org/x",
    "ftp://me:1/s3cret@h/x",
    "ftp://me:a@b/s3cret@h/x?y",
    "ftp://example.org/x?access_token=s3cret",
    "me:s3cret@example.org:x",
    "ftp://:s3cret@example.org",
    "https://me:s3cret@/x",
    "x//me:s3cret@h y",
)


@pytest.mark.parametrize("place", SECRETS)
def test_no_token_of_an_address_is_printed(place: str, tmp_path: Path) -> None:
    done = almanac("backfill", "models_dev", "--git", place, home=tmp_path / "home")
    assert done.returncode == 2 and len(done.stderr.splitlines()) == 1
    said = done.stdout + done.stderr
    assert "s3cret" not in said and "neither a folder" in said


def test_an_address_without_a_token_is_printed_whole() -> None:
    from almanac.flows.harvest.git_addresses import shown

    for address in (
        "https://example.org/a/b.git",
        "https://example.org/a@2",
        "/home/me@work/x",
        "x",
    ):
        assert shown(address) == address
    assert shown("https://me:t@example.org/a") == "https://…@example.org/a"


@pytest.mark.parametrize("token", ["s3cret", "me:s3cret", "me:a@s3cret", ":s3cret"])
def test_a_token_is_in_no_name_page_or_message(
    token: str, repo: GitRepo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from almanac.flows.harvest import safe_git as git

    repo.run(
        "config", "remote.origin.url", f"https://{token}@example.org/a/b.git?private_token=s3cret"
    )
    with GitRepository(str(repo.folder), tmp_path / "cache") as opened:
        assert opened.origin == "https://example.org/a/b" and "s3cret" not in opened.name
    head = repo.run("rev-parse", "HEAD")
    monkeypatch.setattr(
        git, "fetched", lambda address, folder: (git.empty_repository(folder), head)[1]
    )
    place = f"https://{token}@example.org/a/b.git?private_token=s3cret"
    with GitRepository(place, tmp_path / "cache") as opened:
        assert opened.name == "https://example.org/a/b" and "s3cret" not in str(opened.folder)
        with pytest.raises(ValueError) as said:
            list(opened.commits(EVERY))
    assert "s3cret" not in str(said.value)


def test_an_address_of_which_no_file_matches_is_named_without_its_token(
    repo: GitRepo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from almanac.flows.pipeline import backfill as module

    monkeypatch.setattr(
        module,
        "GitRepository",
        lambda place, cache, latest: GitRepository(str(repo.folder), cache, latest),
    )
    place = "https://me:s3cret@example.org/a/b.git"
    for page in ("", "https://example.org/page"):
        past = Past("models_dev", git=place, files="^nothing$", page=page)
        with pytest.raises(ValueError, match="no file of its history matches") as said:
            run(past, tmp_path / "home")
        assert "s3cret" not in str(said.value) and "example.org/a/b" in str(said.value)


def test_two_fetches_into_one_folder_come_one_after_the_other(tmp_path: Path) -> None:
    """What the first writes while it fetches would be taken out by the second."""
    from almanac.flows.harvest import safe_git as git
    from almanac.spiders.archive import lock

    folder = git.empty_repository(tmp_path / "ours.git")
    descriptor = os.open(folder, os.O_RDONLY)
    done: list[str] = []

    def fetch() -> None:
        try:
            git.fetched("http://127.0.0.1:1/x.git", folder)
        except ValueError as error:
            done.append(str(error))

    with lock.held(descriptor):
        other = threading.Thread(target=fetch)
        other.start()
        other.join(1.0)
        assert other.is_alive() and not done
    other.join(60)
    os.close(descriptor)
    assert len(done) == 1
