"""Whose file is it."""

from __future__ import annotations

import zipfile
from pathlib import PurePosixPath

import pytest
from notebooks import SQUARE, notebook

from coursework import learning_systems, marks, submissions
from coursework.submissions import Unreadable, find

NAMED = {
    "Canvas": {
        "doejane_12_340_hw0.ipynb": "12",
        "roerichard_LATE_13_341_hw0.ipynb": "13",
        "o'brien_14_342_hw0-2.ipynb": "14",
        "van_der_berg_15_343_my_hw0.ipynb": "15",
    },
    "Moodle": {
        "Jane Doe_12_assignsubmission_file_/hw0.ipynb": "12",
        "Richard Roe_13_assignsubmission_file_hw0.ipynb": "13",
        "Teilnehmer_in_14_assignsubmission_file/hw0.ipynb": "14",
    },
    "nbgrader": {"submitted/ann/hw0/hw0.ipynb": "ann", "submitted/bob/hw0/hw0.ipynb": "bob"},
    "plain": {"ann.ipynb": "ann", "bob smith.ipynb": "bob smith", "émil.ipynb": "émil"},
    "a folder of it all": {"class/ann.ipynb": "ann", "class/bob.ipynb": "bob"},
    "one student": {"ann/hw0.ipynb": "ann"},
    "what systems leave": {
        "ann.ipynb": "ann",
        "__MACOSX/._ann.ipynb": None,
        ".ipynb_checkpoints/ann.ipynb": None,
        "notes.txt": None,
    },
}


@pytest.mark.parametrize("way", NAMED)
@pytest.mark.parametrize("zipped", [False, True], ids=["folder", "zip"])
def test_the_student_is_known_by_the_name_of_the_file(way, zipped, tmp_path):
    for name in NAMED[way]:
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / name).write_bytes(notebook(SQUARE))
    where = tmp_path / "in"
    if zipped:
        where = tmp_path / "in.zip"
        with zipfile.ZipFile(where, "w") as archive:
            for name in NAMED[way]:
                archive.write(tmp_path / "in" / name, name)
    found = find(where, "hw0")
    assert [one.student for one in found] == sorted(student for student in NAMED[way].values() if student)
    assert all(one.read() == notebook(SQUARE) for one in found)
    assert [one.student for one in found if one.late] == (["13"] if way == "Canvas" else [])


@pytest.mark.parametrize(
    ("names", "chosen"),
    [
        (["a_1_10_hw0.ipynb", "a_1_11_hw0-1.ipynb", "a_1_12_hw0-10.ipynb", "a_1_13_hw0-9.ipynb"], "hw0-10.ipynb"),
        (["a_1_10_hw0.ipynb", "a_1_11_draft.ipynb"], "hw0.ipynb"),
        (["a_1_10_mine.ipynb", "a_1_11_draft.ipynb"], None),
        (["ann/hw0.ipynb", "ann/scratch.ipynb", "bob/hw0.ipynb"], "hw0.ipynb"),
        (["ann/x.ipynb", "ann/y.ipynb", "bob/hw0.ipynb"], None),
        (["ann/hw0.ipynb", "ann/more/hw0.ipynb", "bob/hw0.ipynb"], None),
    ],
    ids=str,
)
def test_of_several_files_the_last_is_marked_or_none(names, chosen, tmp_path):
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(name.encode())
    first = find(tmp_path, "hw0")[0]
    if chosen:
        assert first.read().decode().endswith(chosen)
    else:
        with pytest.raises(
            Unreadable, match=f"2 files: choose one.*name it hw0.ipynb: .*{PurePosixPath(names[0]).name[-6:]}"
        ):
            first.read()


@pytest.mark.parametrize(
    ("names", "students"),
    [
        (["a_1_10_hw0.ipynb", "b_LATE_2_11_hw0.ipynb.txt"], {"1": "", "2": ""}),
        (["a_1_10_hw0.ipynb", "b_2_11_hw0.py", "b_2_12_x.csv"], {"1": "", "2": "not a notebook: hw0.py"}),
        (["a_1_10_hw0.ipynb", "a_1_11_notes.txt", "readme.txt"], {"1": ""}),
        (
            ["A_1_assignsubmission_file_/hw0.ipynb", "B_2_assignsubmission_file_/hw0.json",
             "C_3_assignsubmission_onlinetext_/x.html"], {"1": "", "2": "not a notebook: hw0.json"},
        ),
        (["all/ann/hw0.ipynb", "all/bob/a/x.py", "all/cy/a.zip", "all/x"],
         {"ann": "", "bob": "not a notebook: x.py", "cy": ""}),
        (["ann.ipynb", "bob.ipynb.json", "cy.py", "data/x.csv"], {"ann": "", "bob": ""}),
        (["a_1_10_hw0.ipynb.txt", "a_1_11_hw0.ipynb-1.txt", "b_2_12_hw0.zip"], {"1": "", "2": ""}),
    ],
    ids=str,
)  # fmt: skip
@pytest.mark.parametrize("zipped", [False, True], ids=["folder", "zip"])
def test_nobody_vanishes_whose_file_ends_otherwise(names, students, zipped, tmp_path):
    for name in names:
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / name).write_bytes(notebook(SQUARE) + name.encode())
    where = tmp_path / "in"
    if zipped:
        where = tmp_path / "in.zip"
        with zipfile.ZipFile(where, "w") as archive:
            for name in names:
                archive.write(tmp_path / "in" / name, name)
    found = {one.student: one for one in find(where, "hw0")}
    assert {student: one.trouble for student, one in found.items()} == students
    if "a_1_11_hw0.ipynb-1.txt" in names:
        assert found["1"].read().endswith(b"-1.txt")


def test_an_accented_letter_is_one_however_it_was_written(tmp_path):
    """A Mac writes it as two, and zips it without saying in which code."""
    two, one = "Jo\u0308rg.ipynb", "J\u00f6rg"
    with zipfile.ZipFile(tmp_path / "class.zip", "w") as archive:
        archive.writestr("Jo__rg.ipynb", notebook(SQUARE))
        archive.writestr("Zo_.ipynb", notebook(SQUARE))
    raw = (tmp_path / "class.zip").read_bytes().replace(b"Jo__rg.ipynb", two.encode())
    (tmp_path / "class.zip").write_bytes(raw.replace(b"Zo_.", b"Zo\x82."))  # of an old Windows, in its own code
    found = find(tmp_path / "class.zip", "hw0")
    assert [each.student for each in found] == [one, "Zo\u00e9"]
    assert all(each.read() == notebook(SQUARE) for each in found)
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / two).write_bytes(notebook(SQUARE))
    assert [each.student for each in find(tmp_path / "in", "hw0")] == [one]
    (tmp_path / "times.csv").write_text("student,submitted\nJo\u0308rg,2027-03-01T10:00\n", encoding="utf-8")
    assert marks.days_late("2027-03-01T23:59", tmp_path / "times.csv") == {one: 0}
    (tmp_path / "canvas.csv").write_text("Student,ID\nx,Jo\u0308rg\ny,2\n", encoding="utf-8")
    assert learning_systems.Sheet.read(tmp_path / "canvas.csv").value(1, 1) == one


@pytest.mark.parametrize("around", ["", "class\\"])
def test_a_zip_of_windows_parts_folders_its_own_way(around, tmp_path):
    with zipfile.ZipFile(tmp_path / "class.zip", "w") as archive:
        for name in ("ann\\", "ann\\hw0.ipynb", "ann\\data\\x.csv", "bob\\hw0.ipynb", "cy\\hw0.py"):
            archive.writestr(around + name, notebook(SQUARE))
    found = {one.student: one.trouble for one in find(tmp_path / "class.zip", "hw0")}
    assert found == {"ann": "", "bob": "", "cy": "not a notebook: hw0.py"}


def test_a_zip_takes_no_memory_and_writes_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(submissions, "MOST_BYTES", 1 << 20)
    with zipfile.ZipFile(tmp_path / "class.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.ipynb", bytes(50 << 20))
        archive.writestr("../../../../tmp/climber.ipynb", b"climbs")
        archive.writestr("/root.ipynb", b"root")
        archive.writestr("ann.ipynb", notebook(SQUARE))
        archive.writestr("inner.ipynb", b"PK\x03\x04")
    found = {one.student: one for one in find(tmp_path / "class.zip", "hw0")}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["class.zip"]
    assert found["ann"].read() == notebook(SQUARE)
    for student, said in {"bomb": "more than 1 MB", "inner": "a zip archive, not a notebook"}.items():
        with pytest.raises(Unreadable, match=said):
            found[student].read()


def test_a_zip_that_is_broken_inside_stops_nobody(tmp_path):
    path = tmp_path / "class.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("ann.ipynb", bytes(1000))
        archive.writestr("bob.ipynb", notebook(SQUARE))
    raw = bytearray(path.read_bytes())
    raw[45:50] = b"\xff" * 5
    path.write_bytes(bytes(raw))
    ann, bob = find(path, "hw0")
    with pytest.raises(Unreadable):
        ann.read()
    assert bob.read() == notebook(SQUARE)


def test_where_nothing_was_handed_in_that_is_said(tmp_path):
    with pytest.raises(ValueError, match="no notebook in"):
        find(tmp_path, "hw0")
    for wrong, said in {"none": "not there", "text": "none of them"}.items():
        (tmp_path / "text").write_text("x")
        with pytest.raises(ValueError, match=f"a folder, a zip or a notebook; .*{wrong} is {said}"):
            find(tmp_path / wrong, "hw0")


@pytest.mark.parametrize(
    ("name", "student"),
    [
        ("doejane_12_340_x_13_assignsubmission_file_hw0-9.ipynb", "12"),
        ("Jane Doe_12_assignsubmission_file_hw0_13_assignsubmission_file_hw0-9.ipynb", "12"),
        ("Jane Doe_12_assignsubmission_file_hw0_13_14_x.ipynb", "12"),
        ("7654321/x_1234567_assignsubmission_file_hw0-9.ipynb", "7654321"),
        ("7654321/hw0/x_1234567_1_hw0-9.ipynb", "7654321"),
        ("Jane Doe_12_assignsubmission_file/x_13_assignsubmission_file_hw0.ipynb", "12"),
    ],
)
def test_no_name_of_a_file_hands_in_for_another(name, student, tmp_path):
    for path in (name, "zed/hw0.ipynb"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(notebook(SQUARE))
    assert {one.student for one in find(tmp_path, "hw0")} == {student, "zed"}


def test_names_that_a_table_cannot_tell_apart_are_one_student(tmp_path):
    for name in ("a b.ipynb", "a\nb.ipynb"):
        (tmp_path / name).write_bytes(notebook(SQUARE))
    (one,) = find(tmp_path, "hw0")
    assert one.student == "a b"
    assert one.trouble.startswith("2 files: choose one")


def test_two_students_of_one_number_are_not_each_other_s_second_try(tmp_path):
    for name in ("ann_1_2_hw0.ipynb", "bob_1_3_hw0-1.ipynb"):
        (tmp_path / name).write_bytes(notebook(SQUARE))
    (one,) = find(tmp_path, "hw0")
    with pytest.raises(Unreadable, match="2 files of ann, bob, who have the same number: rename them"):
        one.read()


def test_a_number_without_end_stops_nobody(tmp_path):
    with zipfile.ZipFile(tmp_path / "class.zip", "w") as archive:
        archive.writestr("ann_1_2_hw0-" + "9" * 5000 + ".ipynb", notebook(SQUARE))
        archive.writestr("ann_1_3_hw0-1.ipynb", notebook(SQUARE))
    assert [one.student for one in find(tmp_path / "class.zip", "hw0")] == ["1"]
