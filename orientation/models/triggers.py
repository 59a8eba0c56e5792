"""What the database refuses, whoever writes (ANS-09, ACC-04, ENT-01)."""

import pgtrigger

APPEND_ONLY = pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)

# ACC-04: a family's version is by the holder of the pen of its phase, in the same transaction at the latest.
WRITTEN_BY_PEN_HOLDER = pgtrigger.Trigger(
    name="written_by_pen_holder",
    operation=pgtrigger.Insert,
    when=pgtrigger.Before,
    condition=pgtrigger.Condition("NEW.author_kind <> 'SCHOOL'"),
    func="""
        IF NOT EXISTS (
            SELECT 1 FROM orientation_pen
            WHERE dossier_id = NEW.dossier_id AND phase = NEW.phase AND released_at IS NULL
              AND representative_id IS NOT DISTINCT FROM NEW.representative_id
              AND student_id IS NOT DISTINCT FROM NEW.student_id
        ) THEN
            RAISE EXCEPTION 'Only the holder of the pen writes (ACC-04)' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    """,
)

# ENT-01: a validated entry never gains a choice afterwards: its ranks end at what was validated.
WITHIN_ITS_SUBMISSION = pgtrigger.Trigger(
    name="within_its_submission",
    operation=pgtrigger.Insert,
    when=pgtrigger.Before,
    func="""
        IF NEW.rank > (SELECT choice_count FROM orientation_submission WHERE id = NEW.submission_id) THEN
            RAISE EXCEPTION 'A validated entry gains no choice (ENT-01)' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    """,
)

# A campaign's rules of the game do not change once a family has played (last table of the rules).
POLICIES = (
    "max_choices", "acknowledgement_by", "opinion_change", "objection", "answered_by", "acceptances", "recap_to",
    "recap_when", "free_text", "opinion_values", "specialties", "specialties_if_outside",
)  # fmt: skip
FROZEN = ("academy_id", "year", "level", *POLICIES)
POLICIES_FROZEN = pgtrigger.Trigger(
    name="policies_frozen",
    operation=pgtrigger.UpdateOf(*FROZEN),
    when=pgtrigger.Before,
    condition=pgtrigger.Condition(" OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in FROZEN)),
    func="""
        IF EXISTS (
            SELECT 1 FROM orientation_submission s JOIN orientation_dossier d ON d.id = s.dossier_id
            WHERE d.campaign_id = OLD.id
        ) THEN
            RAISE EXCEPTION 'The policies of a campaign are frozen once it has entries'
                USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    """,
)
