"""Marks in the files that Canvas and Moodle take back.

The rules are their importers': Canvas matches students by ``ID`` and reads the column ``name (number)``; Moodle
refuses a worksheet without ``Identifier``, ``Grade`` and ``Last modified (grade)``, or a grade above the maximum.
"""

from __future__ import annotations

import csv

import pytest

from coursework import __main__

CANVAS = (
    '\ufeffStudent,ID,SIS User ID,SIS Login ID,Section,hw1 (77),hw10 (78),Final Score\r\n'
    "    Points Possible,,,,,16,10,(read only)\r\n"
    '"Doe, Jane",12,s12,jane,"A ""morning""",,9,88\r\n'
    "\"=cmd|'/C calc'!A0\",13,s13,rick,B,3,9,\r\n"
    '"Smith, Ann",14,s14,ann,B,,,\r\n'
    '"Student, Test",99,,x,B,,,\r\n'
)  # fmt: skip
MOODLE = (
    "Identifier,Full name,Status,Grade,Maximum Grade,Grade can be changed,Last modified (grade)\n"
    '"Participant 12","Doe, Jane",Submitted,,16.00,Yes,"Monday, 1 March 2027, 9:00 AM"\n'
    "Participant 13,=1+1,Submitted,-,16.00,Yes,-\n"
)
MARKS = "student,name,q1,total,out of,status\n12,doejane,9,15.5,16,ok\n13,roe,0,0,16,ok\nann,ann,4,4,16,ok\n"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "marks").mkdir()
    (tmp_path / "marks" / "marks.csv").write_text(MARKS)
    (tmp_path / "canvas.csv").write_bytes(CANVAS.encode())
    (tmp_path / "moodle.csv").write_bytes(MOODLE.encode())
    return tmp_path


def fill(folder, *words):
    return __main__.main(["fill", str(folder / "marks"), *(str(word) for word in words)])


def test_canvas_has_its_own_file_back_but_for_the_marks(folder, capsys):
    assert fill(folder, "--canvas", folder / "canvas.csv", "--column", "hw1") == 0
    filled = (folder / "canvas.filled.csv").read_bytes().decode()
    wanted = CANVAS.replace('morning""",,9', 'morning""",15.5,9').replace("rick,B,3,9", "rick,B,0,9")
    assert filled == wanted.replace("ann,B,,", "ann,B,4,")
    assert (folder / "canvas.csv").read_bytes().decode() == CANVAS
    rows = list(csv.reader(filled.removeprefix("\ufeff").splitlines()))
    assert {len(row) for row in rows} == {8}
    assert "3 marks in" in capsys.readouterr().err


def test_moodle_has_its_own_file_back_but_for_the_grades(folder, capsys):
    assert fill(folder, "--moodle", folder / "moodle.csv") == 0
    filled = (folder / "moodle.filled.csv").read_bytes().decode()
    assert filled == MOODLE.replace("Submitted,,16", "Submitted,15.5,16").replace(
        "Submitted,-,16", "Submitted,0,16"
    )
    assert "not in" in capsys.readouterr().err  # ann


def test_what_fill_wrote_is_written_over_and_nothing_else_is(folder, capsys):
    """After new marks it is filled anew, but not where somebody has changed it, or it is another's file."""
    filled = folder / "moodle.filled.csv"
    assert fill(folder, "--moodle", folder / "moodle.csv") == 0
    (folder / "marks" / "marks.csv").write_text(MARKS.replace("15.5", "14.5"))
    assert fill(folder, "--moodle", folder / "moodle.csv") == 0
    assert "Submitted,14.5" in filled.read_text()
    assert (folder / "moodle.csv").read_text() == MOODLE
    for theirs in (filled.read_text() + "mine", MOODLE):
        filled.write_text(theirs)
        assert fill(folder, "--moodle", folder / "moodle.csv") == 2
        assert "moodle.filled.csv is there already, and not as fill last wrote it" in capsys.readouterr().err
        assert filled.read_text() == theirs


@pytest.mark.parametrize(
    ("column", "said"),
    [("hw2", "canvas.csv has no column 'hw2'; it has Student, ID"), ("hw10", "change it there, or --scale")],
)
def test_what_does_not_fit_is_refused(folder, column, said, capsys):
    assert fill(folder, "--canvas", folder / "canvas.csv", "--column", column) == 2
    assert said in capsys.readouterr().err
    assert not (folder / "canvas.filled.csv").exists()


def test_points_are_converted_where_that_is_asked_for(folder):
    assert fill(folder, "--canvas", folder / "canvas.csv", "--column", "hw10", "--scale") == 0
    rows = list(csv.reader((folder / "canvas.filled.csv").read_text(encoding="utf-8-sig").splitlines()))
    assert [row[6] for row in rows[2:]] == ["9.69", "0", "2.5", ""]


def test_nothing_is_converted_to_a_column_out_of_no_points(folder, capsys):
    """Everybody would have 0."""
    (folder / "canvas.csv").write_bytes(CANVAS.replace("16,10", "0,10").encode())
    assert fill(folder, "--canvas", folder / "canvas.csv", "--column", "hw1", "--scale") == 2
    assert "marks are of 16, the column of 0: change it there\n" in capsys.readouterr().err
    assert not (folder / "canvas.filled.csv").exists()


def test_a_row_whose_empty_end_a_spreadsheet_dropped_has_its_mark(folder, capsys):
    (folder / "canvas.csv").write_text("Student,ID,Section,hw1\nJane,12\nRick,13,B,\n\nSam,99\n")
    assert fill(folder, "--canvas", folder / "canvas.csv", "--column", "hw1") == 0
    wanted = "Student,ID,Section,hw1\nJane,12,,15.5\nRick,13,B,0\n\nSam,99\n"
    assert (folder / "canvas.filled.csv").read_text() == wanted
    assert "canvas.csv: ann\n" in capsys.readouterr().err  # alone is not in it


def test_a_worksheet_that_moodle_would_refuse_is_refused(folder, capsys):
    (folder / "moodle.csv").write_text("Identifier,Grade\nParticipant 12,\n")
    assert fill(folder, "--moodle", folder / "moodle.csv") == 2
    assert "Last modified (grade)" in capsys.readouterr().err


def test_an_export_without_canvas_s_own_numbers_is_refused(folder, capsys):
    """Its first column would be taken for them, and somebody's login may read like another's number."""
    rows = "Jane,12,jane,\r\nLarry,x,larry,\r\n"
    (folder / "canvas.csv").write_text(f"Student,SIS Login ID,Section,hw1\r\n{rows}", newline="")
    assert fill(folder, "--canvas", folder / "canvas.csv", "--column", "hw1") == 2
    assert "has no column 'ID', Canvas's own numbers: take the export as it came" in capsys.readouterr().err
    assert not (folder / "canvas.filled.csv").exists()


def test_another_systems_number_is_not_a_student(folder):
    """Larry's school number is Jane's number in Canvas."""
    larry = '"Fine, Larry",500,12,larry,A,,,\r\n'
    (folder / "canvas.csv").write_bytes((CANVAS + larry).encode())
    assert fill(folder, "--canvas", folder / "canvas.csv", "--column", "hw1") == 0
    assert (folder / "canvas.filled.csv").read_bytes().decode().endswith(larry)


def test_who_was_not_marked_keeps_what_is_there(folder, capsys):
    (folder / "marks" / "marks.csv").write_text(
        MARKS.replace("13,roe,0,0,16,ok", "13,roe,0,0,16,NOT MARKED: no room")
    )
    assert fill(folder, "--canvas", folder / "canvas.csv", "--column", "hw1") == 0
    assert "rick,B,3,9" in (folder / "canvas.filled.csv").read_bytes().decode()
    assert "left as they were: 13" in capsys.readouterr().err


def test_a_last_row_without_an_end_stays(folder):
    (folder / "canvas.csv").write_bytes((CANVAS + '"Last, Lou",15,,lou,B,,').encode())
    assert fill(folder, "--canvas", folder / "canvas.csv", "--column", "hw1") == 0
    assert (folder / "canvas.filled.csv").read_bytes().decode().endswith('"Last, Lou",15,,lou,B,,')


def test_an_export_with_semicolons_has_its_own_file_back(folder):
    """As Canvas writes it for who asks for that; a header may hold the other sign."""
    export = CANVAS.replace(",", ";").replace("Doe; Jane", "Doe; Jane, Dr").replace("Final Score", '"Final, all"')
    (folder / "canvas.csv").write_bytes(export.encode())
    assert fill(folder, "--canvas", folder / "canvas.csv", "--column", "hw1") == 0
    wanted = export.replace('morning""";;9', 'morning""";15.5;9').replace("rick;B;3;9", "rick;B;0;9")
    assert (folder / "canvas.filled.csv").read_bytes().decode() == wanted.replace("ann;B;;", "ann;B;4;")
    (folder / "canvas.csv").write_bytes(CANVAS.replace("Section", "A; B").encode())
    assert fill(folder, "--canvas", folder / "canvas.csv", "--column", "hw1") == 0


def test_marks_that_a_spreadsheet_saved_with_commas_in_numbers_are_read(folder, capsys):
    (folder / "marks" / "marks.csv").write_text(
        "student;name;q1;q2 (by hand);total;out of;status\n12;doejane;9;1,5;10,5;16;ok\n13;roe;0;x;0;16;ok\n"
    )
    (folder / "marks" / "by_hand.csv").write_text("student;q2;comment;changed\n12;1,5;;\n")
    assert fill(folder, "--moodle", folder / "moodle.csv") == 0
    assert "Submitted,10.5,16" in (folder / "moodle.filled.csv").read_text()
    (folder / "marks" / "by_hand.csv").write_text("student;q2;comment;changed\n13;1,5;;\n")
    assert fill(folder, "--moodle", folder / "moodle.csv") == 2
    assert "marks.csv, q2 of 13 is a number of points, got 'x'" in capsys.readouterr().err


@pytest.mark.parametrize("row", ['"Doe, Jan" ,16,,jan,B,,,', 'Doe" Jan,16,,jan,B,,,', '"Doe, Jan,16,,jan,B,,,'])
def test_a_stray_quotation_mark_is_refused_not_read_as_another_column(folder, row, capsys):
    (folder / "canvas.csv").write_bytes((CANVAS + row + "\r\n").encode())
    assert fill(folder, "--canvas", folder / "canvas.csv", "--column", "hw1") == 2
    assert "no table" in capsys.readouterr().err


UNCLEAR = {
    "a number that is one's ID and another's school number": ("12", "1,12,jane 3,3,larry 12,9,moe"),
    "a number that is another's ID where one's own row is missing": ("12 77 78", "12,1,jane 2,77,larry 3,78,moe"),
    "a name that is one's login and another's school number": ("ann", "1,ann,bob 2,x,ann"),
    "two rows of one": ("7 8", "7,1,ann 8,2,bob 7,3,cy"),
    "two students in a row": ("7 ann 8", "7,1,ann 8,ann,bob"),
}


@pytest.mark.parametrize("name", UNCLEAR)
def test_no_mark_goes_to_whom_another_column_calls_so(name, folder, capsys):
    """All have equal points, so nobody would see it in the sums."""
    students, rows = UNCLEAR[name]
    marks = "".join(f"{student},{student},9,9,16,ok\n" for student in students.split())
    (folder / "marks" / "marks.csv").write_text("student,name,q1,total,out of,status\n" + marks)
    lines = "".join(f"Somebody,{row},\r\n" for row in rows.split())
    (folder / "canvas.csv").write_text(f"Student,ID,SIS User ID,SIS Login ID,hw1\r\n{lines}", newline="")
    assert fill(folder, "--canvas", folder / "canvas.csv", "--column", "hw1") == 2
    assert "which row is whose is unclear of" in capsys.readouterr().err
    assert not (folder / "canvas.filled.csv").exists()


def test_what_an_instructor_called_submissions_is_one_column(folder):
    """The school's numbers: one of them is somebody's number in Canvas, and that is not who is meant."""
    marks = "".join(f"{student},{student},{total},{total},16,ok\n" for student, total in ((12, 7), (500, 8)))
    (folder / "marks" / "marks.csv").write_text("student,name,q1,total,out of,status\n" + marks)
    rows = "Jane,12,500,jane,\r\nLarry,3,12,larry,\r\n"
    (folder / "canvas.csv").write_text(f"Student,ID,SIS User ID,SIS Login ID,hw1\r\n{rows}", newline="")
    assert fill(folder, "--canvas", folder / "canvas.csv", "--column", "hw1") == 0
    filled = (folder / "canvas.filled.csv").read_text()
    assert "Jane,12,500,jane,8" in filled
    assert "Larry,3,12,larry,7" in filled
