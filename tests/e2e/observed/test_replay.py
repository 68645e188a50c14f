"""What is judged equal, accepted or neither, and what the lists may say."""

import json
import tempfile
import unittest
from pathlib import Path

import faults
import replay
from lists import Catalogue

PUSHED = {"id": "a.par", "steps": [{"do": "POST $par"}], "saw": []}
PLAIN = {"id": "a.token", "steps": [{"do": "POST $token", "form": {"grant_type": "password"}}], "saw": []}
WORDS = ["/0/message", "value", ["theirs"], ["ours"]]
WHY = "only S256"
STATUS = ["/0/status", "value", 400, 401]


def catalogue(skip=None, accepted=None, may_skip=9):
    files = {"skip": skip or {}, "accepted": accepted or {}, "setup": {}}
    files["limits"] = {"skip": may_skip, "accepted": 9, "setup": 9, "equal-percent": 90}
    with tempfile.TemporaryDirectory() as folder:
        for name, document in files.items():
            (Path(folder) / f"{name}.json").write_text(json.dumps(document))
        return Catalogue(Path(folder), {"a": {"before": [], "cases": [PUSHED, PLAIN]}})


class Lists(unittest.TestCase):
    def test_a_case_that_could_run_is_not_skipped(self):
        swallowed = catalogue(skip={"a.*": "pushed authorization requests"}).complaints()
        self.assertEqual(swallowed, ["skip.json: a.token could run: it does not need pushed authorization requests"])
        self.assertEqual(catalogue(skip={"a.par": "pushed authorization requests"}).complaints(), [])

    def test_a_subject_of_no_name_skips_nothing(self):
        self.assertEqual(len(catalogue(skip={"a.par": "too hard"}).complaints()), 1)
        self.assertEqual(len(catalogue(skip={"a.par": "another resource"}).complaints()), 1)

    def test_an_entry_that_names_nothing_fails(self):
        self.assertEqual(catalogue(accepted={"b.*": WHY}).complaints(), ["accepted.json: b.* names nothing"])

    def test_a_reason_that_the_page_does_not_give_fails(self):
        self.assertEqual(len(catalogue(accepted={"a.token": "it was late"}).complaints()), 1)

    def test_an_entry_for_a_member_accepts_no_other_difference(self):
        lists = catalogue(accepted={"a.*#message": WHY})
        self.assertTrue(lists.excuse(PLAIN, [WORDS]))
        self.assertFalse(lists.excuse(PLAIN, [WORDS, STATUS]))
        self.assertFalse(lists.listed(PLAIN))

    def test_a_suite_that_cannot_be_set_up_is_not_excused(self):
        self.assertFalse(catalogue(accepted={"*": WHY}).excuse(PLAIN, [["setup", "error", None, "404"]]))

    def test_an_entry_that_no_difference_needs_fails(self):
        lists = catalogue(accepted={"a.token": WHY})
        self.assertEqual(lists.beyond_limits(9, 9), ["accepted.json: a.token is not needed"])
        lists.excuse(PLAIN, [STATUS])
        self.assertEqual(lists.beyond_limits(9, 9), [])

    def test_a_list_may_not_grow_and_the_share_may_not_fall(self):
        grown = catalogue(skip={"a.par": "pushed authorization requests"}, may_skip=0)
        self.assertEqual(grown.beyond_limits(9, 10), ["skip.json stands for 1, limits.json allows 0"])
        self.assertEqual(catalogue().beyond_limits(8, 10), ["8 of 10 are equal, which is less than 90 %"])


class Judgement(unittest.TestCase):
    def judge(self, accepted, differences, case=PLAIN):
        row = replay.judge("a", [case], catalogue(accepted=accepted), {case["id"]: differences} if differences else {})
        return (row.equal, row.accepted, len(row.unlisted), len(row.faults), len(row.complaints))

    def test_a_listed_case_that_is_equal_fails(self):
        self.assertEqual(self.judge({"a.*": WHY}, []), (1, 0, 0, 0, 1))
        self.assertEqual(self.judge({}, []), (1, 0, 0, 0, 0))

    def test_a_difference_is_listed_or_fails(self):
        self.assertEqual(self.judge({"a.*": WHY}, [STATUS]), (0, 1, 0, 0, 0))
        self.assertEqual(self.judge({}, [STATUS]), (0, 0, 1, 0, 0))

    def test_a_500_is_neither_equal_nor_accepted(self):
        fault = {**PLAIN, "saw": [{"status": 500}]}
        self.assertEqual(self.judge({"a.*": WHY}, [], fault), (0, 0, 0, 1, 0))
        self.assertEqual(self.judge({"a.*": WHY}, [["/0/status", "value", 200, 500]]), (0, 0, 0, 1, 0))


class Faults(unittest.TestCase):
    def test_a_500_is_ours_when_keycloak_gave_it_too(self):
        saw = [{"status": 200}, {"status": 500, "json": {}}]
        self.assertTrue(faults.ours(saw, []))
        self.assertTrue(faults.ours(saw, [["/1/json/error", "extra", None, "x"]]))
        self.assertFalse(faults.ours(saw, [["/1/status", "value", 500, 400]]))

    def test_a_500_where_keycloak_gave_none_is_ours(self):
        self.assertTrue(faults.ours([{"status": 200}], [["/0/status", "value", 200, 500]]))
        self.assertTrue(faults.ours([{"status": 200}], [["", "length", [], [{"status": 500}]]]))
        self.assertTrue(faults.ours([{"status": 200}], [["", "error", None, "Unexpected: POST $admin/clients → 500 {}"]]))

    def test_another_difference_is_no_500(self):
        self.assertFalse(faults.ours([{"status": 200}], [STATUS]))
        self.assertFalse(faults.ours([{"status": 200}], [["/0/json/count", "value", 1, 500]]))


if __name__ == "__main__":
    unittest.main()
