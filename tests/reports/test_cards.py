from __future__ import annotations

from bayes_scaling.reports.cards import diagnostic_cards


def test_known_diagnostics_become_cards_in_a_fixed_order():
    cards = diagnostic_cards({"fit_seconds": 250.0, "r_hat_max": 1.0042, "other": 3.0, "ess_min": None})

    assert [(card.name, card.value) for card in cards] == [
        ("largest R-hat", "1.004"),
        ("time to fit", "4 min 10 s"),
    ]
