from __future__ import annotations


def test_the_page_is_written_whole(run, fit_nc, tmp_path):
    out = tmp_path / "report.html"

    result = run("report", fit_nc, "--out", out, "--title", "Two families")

    assert result.exit_code == 0
    page = out.read_text(encoding="utf-8")
    assert "<h1>Two families</h1>" in page
    assert page.rstrip().endswith("</html>")
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]
    assert result.stdout.endswith(f"Wrote {out}\n")


def test_a_fit_not_to_be_trusted_is_reported_as_such(run, untrusted_nc, tmp_path):
    result = run("report", untrusted_nc, "--out", tmp_path / "report.html")

    assert result.exit_code == 3
    assert "do not trust" in result.stdout
    assert "do not trust" in (tmp_path / "report.html").read_text(encoding="utf-8")
