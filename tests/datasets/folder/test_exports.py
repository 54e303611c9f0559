"""Tables exported by other programs, each with the right values."""

import pytest
from test_annotation_files import only, read

from deepmir.datasets.folder.conventions import endings, split_name
from deepmir.datasets.folder.problems import Findings


def said(folder, name, text, duration=100.0):
    """The texts of all problems of a file."""
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    findings = Findings(path)
    endings()[split_name(name)[1]].read(findings, duration)
    return [problem.text for problem in findings.problems]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            "0,512\n1,024\n1,536\n2,048\n",
            [(0.512, None), (1.024, None), (1.536, None), (2.048, None)],
        ),
        ("0,5\n1\n1,5\n2\n", [(0.5, None), (1, None), (1.5, None), (2, None)]),
        ("0,5\n1,0\n1,5\n", [(0.5, None), (1, None), (1.5, None)]),
        ("0,512;1\n1,024;2\n", [(0.512, 1), (1.024, 2)]),
        ('"0,512","1"\n"1,024","2"\n', [(0.512, 1), (1.024, 2)]),
        ("time,position\n0,1\n1,2\n2,1\n", [(0, 1), (1, 2), (2, 1)]),
        ("Zeit\n0,1\n1,2\n2,3\n", [(0.1, None), (1.2, None), (2.3, None)]),
    ],
)
def test_decimal_commas_and_positions_of_beats(tmp_path, text, wanted):
    found = [(time, value) for time, _, value in only(tmp_path, "a.beats", text)]
    assert found == wanted


@pytest.mark.parametrize(
    ("name", "text", "readings"),
    [
        ("a.beats", "12,5\n", ["time 12, position 5", "time 12.5"]),
        ("a.beats", "0,1\n1,2\n2,3\n3,4\n", ["time 0, position 1", "time 0.1"]),
        ("a.segments", "0,5 A\n10,2 B\n", ["time 0, label '5 A'", "time 0.5, label 'A'"]),
    ],
)
def test_what_can_be_read_in_two_ways_is_refused_with_both(tmp_path, name, text, readings):
    (problem,) = said(tmp_path, name, text)
    assert all(reading in problem for reading in readings)
    # What it says to do works.
    header = "time,position\n" if name == "a.beats" else "time label\n"
    assert "name the columns in a header line" in problem
    assert said(tmp_path, name, header + text) == []


@pytest.mark.parametrize("position", ["33", "512", "0", "2.5"])
def test_a_position_has_bounds(tmp_path, position):
    text = f"time,position\n0.5,1\n1.0,{position}\n"
    (problem, *_) = said(tmp_path, "a.beats", text)
    assert problem == f"the position in the bar is {position}: it must count 1, 2, 3 ... up to 32"


GERMAN = """Start;Ende;Abschnitt
0,0;14,5;"Strophe; 1"
14,5;20,0;"Refrain
Größe #2"
""".replace("\n", "\r\n").encode("cp1252")
ENGLISH = """Start time (s),End time (s),Section name
0,14.5,"verse, ""1""\"
14.5,20,B
""".replace("\n", "\r\n").encode("utf-8-sig")

SONIC = [
    # Instants: times and labels, with the header of newer versions and without.
    ("beats.csv", "TIME,LABEL\n0.5,1.1\n1.0,1.2\n1.5,2.1\n", [(0.5, 0, 1), (1, 0, 2), (1.5, 0, 1)]),
    ("beats.csv", "0.500000000,1\n1.000000000,2\n1.5,1\n", [(0.5, 0, 1), (1, 0, 2), (1.5, 0, 1)]),
    ("onsets.csv", "0.500000000,New Point\n1,New Point\n", [(0.5, 0, None), (1, 0, None)]),
    ("onsets.csv", "0.5,1\n1.25,2\n", [(0.5, 0, None), (1.25, 0, None)]),
    (
        "chords.csv",
        '0.0,"N"\n1.5,"C"\n3.0,"A:min7"\n',
        [(0, 1.5, "N"), (1.5, 1.5, "C"), (3, 97, "A:min7")],
    ),
    # Values at times, without what is not voiced.
    ("f0.csv", "0.01,220.5\n0.02,221.5\n", [220.5, 221.5]),
    ("f0.csv", "TIME,VALUE,LABEL\n0.01,220.5,\n0.02,0,\n", [220.5, 0]),
    ("beats.csv", "TIME,VALUE,LABEL\n0.5,1,x\n1.0,2,y\n", [(0.5, 0, 1), (1, 0, 2)]),
    # Regions: time, value, duration, label.
    (
        "segments.csv",
        "0,1,14.5,verse\n14.5,1,10,chorus\n",
        [(0, 14.5, "verse"), (14.5, 10, "chorus")],
    ),
    (
        "segments.csv",
        "TIME,VALUE,DURATION,LABEL\n0,1,14.5,verse\n20,1,10,chorus\n",
        [(0, 14.5, "verse"), (20, 10, "chorus")],
    ),
    ("singing.csv", "8.5,1,6.5,sing\n20,1,2,sing\n", [(8.5, 6.5, "voice"), (20, 2, "voice")]),
    # Texts: time, height, label.
    (
        "segments.csv",
        "0.0,0.5,verse\n14.5,0.4,chorus\n",
        [(0, 14.5, "verse"), (14.5, 85.5, "chorus")],
    ),
    # Notes: time, pitch, duration, level, label; in hertz where the layer is.
    ("notes.csv", "0.5,60,0.25,0.8\n1,62,0.5,0.8\n", [(0.5, 0.25, 60), (1, 0.5, 62)]),
    (
        "notes.csv",
        "TIME,VALUE,DURATION,LEVEL,LABEL\n0.5,440,0.25,0.8,\n1,220,0.5,0.8,\n",
        [(0.5, 0.25, 69), (1, 0.5, 57)],
    ),
    # Tony: notes as time, hertz, duration; pitch as time, hertz.
    ("notes.csv", "0.5,440,0.25\n1,220,0.5\n", [(0.5, 0.25, 69), (1, 0.5, 57)]),
    # Audacity: instants have two equal times, and a spectral selection a second line.
    ("beats.txt", "0.5\t0.5\t1\n1.0\t1.0\t2\n", [(0.5, 0, 1), (1, 0, 2)]),
    ("beats.txt", "0.5\t0.5\t\n1.0\t1.0\t\n", [(0.5, 0, None), (1, 0, None)]),
    ("onsets.txt", "0.5\t0.5\tx\n\\\t100.0\t900.5\n1.0\t1.0\t\n", [(0.5, 0, None), (1, 0, None)]),
    (
        "segments.txt",
        "0.0\t5.0\tA\n\\\t100.0\t900.5\n5.0\t9.0\t\\b\n",
        [(0, 5, "A"), (5, 4, "\\b")],
    ),
    # The Harmonix set: time, position, bar; others have the bar first.
    ("beats.txt", "0.5\t1\t1\n1\t2\t1\n1.5\t1\t2\n", [(0.5, 0, 1), (1, 0, 2), (1.5, 0, 1)]),
    (
        "beats.txt",
        "0.5\t1\t2\n1\t1\t3\n1.5\t2\t1\n2\t2\t2\n2.5\t2\t3\n",
        [(0.5, 0, 2), (1, 0, 3), (1.5, 0, 1), (2, 0, 2), (2.5, 0, 3)],
    ),
    # Durations without a header.
    ("notes.csv", "0.5,0.25,60\n1,0.5,62\n", [(0.5, 0.25, 60), (1, 0.5, 62)]),
    ("lab", "0.0 2.5 C\n2.5 1.5 G\n4 2 N\n", [(0, 2.5, "C"), (2.5, 1.5, "G"), (4, 2, "N")]),
    # Spreadsheets, German and English.
    ("segments.csv", GERMAN, [(0, 14.5, "Strophe; 1"), (14.5, 5.5, "Refrain Größe #2")]),
    ("segments.csv", ENGLISH, [(0, 14.5, 'verse, "1"'), (14.5, 5.5, "B")]),
    (
        "segments.txt",
        "Beginn\tDauer\tText\r\n0,0\t14,5\tGröße\r\n14,5\t5,5\tB\r\n".encode("utf-16"),
        [(0, 14.5, "Größe"), (14.5, 5.5, "B")],
    ),
    ("f0.csv", b"Zeit (ms);Frequenz (Hz)\n10;220,5\n20;221,5\n", [220.5, 221.5]),
    ("beats.csv", 'sep=;\r\n"Zeit (s)";"Schlag"\r\n0,5;1\r\n', [(0.5, 0, 1)]),
    ("singing.txt", "0,5\t1,5\n2,5\t3\n", [(0.5, 1, "voice"), (2.5, 0.5, "voice")]),
    ("singing.txt", "0.5\tsing\n3\tnosing\n", [(0.5, 2.5, "voice")]),
    ("key.csv", "TIME,LABEL\n0.0,A minor\n50,C\n", [(0, 50, "A:minor"), (50, 50, "C:major")]),
    ("lab", "0,5 C:maj\n2,5 G:7\n", [(0.5, 2, "C:maj"), (2.5, 97.5, "G:7")]),
    ("genre.csv", "Genre\nrock\n", [(0, 100, "rock")]),
    ("mood.txt", "0,5;-0,25\n", [(0, 100, [0.5, -0.25])]),
    ("instruments.csv", "start,end,instrument\n0,3,flute\n", [(0, 3, "flute")]),
    # NumPy writes a header as a comment, CREPE a confidence.
    ("beats.txt", "# position time\n1 0.5\n2 1.0\n", [(0.5, 0, 1), (1, 0, 2)]),
    ("f0.csv", "time,frequency,confidence\n0.0,220.5,0.9\n0.01,221.5,0.8\n", [220.5, 221.5]),
    ("f0.csv", "time,midi_pitch\n0.0,69\n0.01,0\n", [440, 0]),
    ("notes.csv", "onset_time,midi_note,offset_time\n0.5,60,0.75\n", [(0.5, 0.25, 60)]),
    ("notes.csv", "pitch (Hz),time,duration\n440,0.5,0.25\n", [(0.5, 0.25, 69)]),
    ("beats.csv", "time,bar,beat\n0.5,1,4\n1.0,2,1\n", [(0.5, 0, 4), (1, 0, 1)]),
]


@pytest.mark.parametrize(("ending", "text", "wanted"), SONIC)
def test_an_export_has_its_values(tmp_path, ending, text, wanted):
    (found, *_), problems = read(tmp_path, f"a.{ending}", text)
    assert [p for p in problems if p[0] == "error"] == []
    if ending == "f0.csv":
        assert [v["frequency"] for v in found.values] == pytest.approx(wanted)
        assert [v["voiced"] for v in found.values] == [hertz > 0 for hertz in wanted]
        return
    assert [(o.time, o.duration, o.value) for o in found.observations] == [
        (pytest.approx(start), pytest.approx(lasting), value) for start, lasting, value in wanted
    ]


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        (
            "a.f0",
            "0.0 0.4\n0.01 0.41\n0.02 0.4\n",
            "read as `time hertz`, 3 of 3 rows make no sense",
        ),
        ("a.f0", "time,pitch\n0.0,0.4\n0.01,0.41\n", "2 of 2 frequencies are not between 30 and"),
        (
            "a.segments.csv",
            "0,1,A\n14,2,B\n24,1,C\n",
            "make no sense: name the columns in a header",
        ),
        (
            "a.beats.csv",
            "FRAME,LABEL\n22050,1\n44100,2\n",
            "its times count frames: export them",
        ),
        ("a.beats", "time,beat,remark\n0.5,1,x\n1,2,y\n", "its column 'remark' is not read"),
        ("a.beats", "0,512,1\n1,024,2\n", "the position in the bar is 512"),
        ("a.mood", "2 0\n", "valence and arousal must be from -1 to 1"),
        ("a.beats", "time\n", "it has only a header: there are no annotations"),
    ],
)
def test_columns_that_are_mistaken_or_not_read_are_told_of(tmp_path, name, text, problem):
    assert any(problem in each for each in said(tmp_path, name, text))


LONG = '''File type = "ooTextFile"
Object class = "TextGrid"

xmin = 0
xmax = 2.5
tiers? <exists>
size = 2
item []:
    item [1]:
        class = "IntervalTier"
        name = "chords"
        xmin = 0
        xmax = 2.5
        intervals: size = 3
        intervals [1]:
            xmin = 0
            xmax = 1
            text = "C:maj"
        intervals [2]:
            xmin = 1
            xmax = 1.5
            text = ""
        intervals [3]:
            xmin = 1.5
            xmax = 2.5
            text = "say ""x"""
    item [2]:
        class = "TextTier"
        name = "Beat"
        xmin = 0
        xmax = 2.5
        points: size = 2
        points [1]:
            number = 0.5
            mark = "1"
        points [2]:
            number = 1.0
            mark = "2"
'''
SHORT = '''File type = "ooTextFile"
Object class = "TextGrid"

0
2.5
<exists>
2
"IntervalTier"
"chords"
0
2.5
3
0
1
"C:maj"
1
1.5
""
1.5
2.5
"say ""x"""
"TextTier"
"Beat"
0
2.5
2
0.5
"1"
1.0
"2"
'''
TIERS = {"chord": [(0, 1, "C:maj"), (1.5, 1, 'say "x"')], "beat": [(0.5, 0, 1), (1, 0, 2)]}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-8-sig"])
@pytest.mark.parametrize("text", [LONG, SHORT])
def test_the_tiers_of_a_textgrid_are_read_by_their_names(tmp_path, text, encoding):
    def rows(annotation):
        return [(o.time, o.duration, o.value) for o in annotation.observations]

    found, problems = read(tmp_path, "a.TextGrid", text.encode(encoding))
    assert {a.namespace: rows(a) for a in found} == TIERS
    assert [p for p in problems if p[0] == "error"] == []
    (chords,), _ = read(tmp_path, "a.chords.TextGrid", text.encode(encoding))
    assert rows(chords) == TIERS["chord"]


def test_what_is_wrong_with_a_textgrid_is_told(tmp_path):
    (problem,) = said(tmp_path, "a.key.TextGrid", SHORT)
    assert problem == "it has the tiers 'chords', 'Beat': name one of them 'key'"
    assert "a text is missing" in said(tmp_path, "a.TextGrid", SHORT.rpartition('"1"')[0])[0]
    assert said(tmp_path, "a.TextGrid", "0 1 C") == ["it is not a TextGrid"]
    assert any(
        "its tier 'words' is not read" in problem
        for problem in said(tmp_path, "a.TextGrid", SHORT.replace("Beat", "words"))
    )


LAYER = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE sonic-visualiser>
<sv>
  <data>
    <model id="1" name="" sampleRate="44100" start="0" end="88200" type="sparse" {model}/>
    <dataset id="0" dimensions="3">
      <point frame="22050" {one} />
      <point frame="44100" {two} />
    </dataset>
  </data>
</sv>
"""


@pytest.mark.parametrize(
    ("kind", "model", "one", "two", "wanted"),
    [
        ("beats", "", 'label="1"', 'label="2"', [(0.5, 0, 1), (1, 0, 2)]),
        ("onsets", "", 'label="New Point"', 'label=""', [(0.5, 0, None), (1, 0, None)]),
        (
            "segments",
            'subtype="region"',
            'value="1" duration="22050" label="a &amp; b"',
            'value="1" duration="11025" label="c"',
            [(0.5, 0.5, "a & b"), (1, 0.25, "c")],
        ),
        (
            "notes",
            'subtype="note" units="Hz"',
            'value="440" duration="11025" level="0.8" label=""',
            'value="220" duration="11025" level="0.8" label=""',
            [(0.5, 0.25, 69), (1, 0.25, 57)],
        ),
    ],
)
def test_a_layer_of_sonic_visualiser_is_read(tmp_path, kind, model, one, two, wanted):
    text = LAYER.format(model=model, one=one, two=two)
    (found, *_), problems = read(tmp_path, f"a.{kind}.svl", text)
    assert [(o.time, o.duration, o.value) for o in found.observations] == wanted
    assert [p for p in problems if p[0] == "error"] == []
    assert "export it as CSV" in said(tmp_path, f"a.{kind}.svl", text.replace("sparse", "dense"))[0]


def test_a_name_in_a_table_may_begin_with_a_number_sign(tmp_path):
    from deepmir.datasets.folder.files import scan

    for name in ("#1 hit.wav", "two.wav"):
        (tmp_path / name).touch()
    (tmp_path / "metadata.csv").write_text(
        '# by hand, "yes"\nfile,title,artist\n#1 hit.wav,"One\r\nTwo","A, B"\n# two.wav,x,y\n'
    )
    found = scan(tmp_path)
    assert found.problems == ()
    assert found.recordings[0].description.values == {"title": "One Two", "artist": "A, B"}
    assert found.tables.rows == {tmp_path / "metadata.csv": 1}
