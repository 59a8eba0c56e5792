"""What the database refuses, whoever writes (ANS-09, ACC-04, ENT-01)."""

import pgtrigger

APPEND_ONLY = pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)


def _refused_on_insert(name: str, *, wrong: str, message: str, only: str = "true") -> pgtrigger.Trigger:
    """Refuse new rows where the SQL condition `wrong` holds; look only at those (alias `added`) where `only` does.

    Asked once a statement, of all its rows: a night inserts tens of thousands at once. EXECUTE, so that each question
    has the plan of its day: the one kept from a connection's first rows reads whole tables later on.
    """
    return pgtrigger.Trigger(
        name=name,
        level=pgtrigger.Statement,
        operation=pgtrigger.Insert,
        when=pgtrigger.After,
        referencing=pgtrigger.Referencing(new="added"),
        declare=[("refused", "boolean")],
        func=f"""
        EXECUTE $question$SELECT EXISTS (SELECT 1 FROM added WHERE ({only}) AND ({wrong}))$question$ INTO refused;
        IF refused THEN
            RAISE EXCEPTION '{message}' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NULL;
    """,
    )


# ACC-04: a family's version is by the holder of the pen of its phase, in the same transaction at the latest.
WRITTEN_BY_PEN_HOLDER = _refused_on_insert(
    "written_by_pen_holder",
    wrong="""NOT EXISTS (
            SELECT 1 FROM orientation_pen
            WHERE dossier_id = added.dossier_id AND phase = added.phase AND released_at IS NULL
              AND representative_id IS NOT DISTINCT FROM added.representative_id
              AND student_id IS NOT DISTINCT FROM added.student_id
        )""",
    message="Only the holder of the pen writes (ACC-04)",
    only="added.author_kind <> 'SCHOOL'",
)

# ENT-01: a validated entry never gains a choice afterwards: its ranks end at what was validated.
WITHIN_ITS_SUBMISSION = _refused_on_insert(
    "within_its_submission",
    wrong="added.rank > (SELECT choice_count FROM orientation_submission WHERE id = added.submission_id)",
    message="A validated entry gains no choice (ENT-01)",
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

# ACC-04, ACC-08: a pen is released once, and nothing else of it ever changes.
RELEASED_ONCE = pgtrigger.Trigger(
    name="released_once",
    operation=pgtrigger.Update | pgtrigger.Delete,
    when=pgtrigger.Before,
    func="""
        IF TG_OP = 'DELETE' OR OLD.released_at IS NOT NULL OR NEW.released_at IS NULL
            OR (NEW.id, NEW.dossier_id, NEW.phase, NEW.representative_id, NEW.student_id, NEW.taken_at) IS DISTINCT FROM
               (OLD.id, OLD.dossier_id, OLD.phase, OLD.representative_id, OLD.student_id, OLD.taken_at)
        THEN
            RAISE EXCEPTION 'A pen is released once, never erased nor rewritten (ACC-08)'
                USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    """,
)

# ANS-02: what is accepted is a « Oui » of the very statement that is answered, by an answer that accepts.
OF_THE_STATEMENT_ANSWERED = _refused_on_insert(
    "of_the_statement_answered",
    wrong="""NOT EXISTS (
            SELECT 1 FROM orientation_familyanswer f
            JOIN orientation_councilanswer c ON c.statement_id = f.statement_id
            WHERE f.id = added.answer_id AND c.id = added.council_answer_id AND f.kind = 'ACCEPTED' AND c.value = 'OUI'
        )""",
    message="Only what the council proposes is accepted (ANS-02)",
)

# OPI-03: what was signed never gains a line.
NOTHING_ADDED_ONCE_SIGNED = _refused_on_insert(
    "nothing_added_once_signed",
    wrong="""EXISTS (SELECT 1 FROM orientation_acknowledgement WHERE statement_id = added.statement_id)
            OR EXISTS (SELECT 1 FROM orientation_familyanswer WHERE statement_id = added.statement_id)
            OR EXISTS (SELECT 1 FROM orientation_statementwithdrawal WHERE statement_id = added.statement_id)
       """,
    message="What was read gains no line (OPI-03)",
)

# OPI-03, OPI-04: opinions are acknowledged, once published and before they are withdrawn.
OF_STANDING_OPINIONS = _refused_on_insert(
    "of_standing_opinions",
    wrong="""NOT EXISTS (
            SELECT 1 FROM orientation_councilstatement s
            LEFT JOIN orientation_statementwithdrawal w ON w.statement_id = s.id
            WHERE s.id = added.statement_id AND s.phase = 'PROVISIONAL' AND s.published_at <= added.at
              AND (w.id IS NULL OR w.at >= added.at)
        )""",
    message="Only standing opinions are acknowledged (OPI-03)",
)

# ANS-02, OPI-04: proposals are answered, before they are withdrawn (the school's own record may come the night after).
OF_STANDING_PROPOSALS = _refused_on_insert(
    "of_standing_proposals",
    wrong="""NOT EXISTS (
            SELECT 1 FROM orientation_councilstatement s
            LEFT JOIN orientation_statementwithdrawal w ON w.statement_id = s.id
            WHERE s.id = added.statement_id AND s.phase = 'DEFINITIVE'
              AND (added.author_kind = 'SCHOOL' OR s.published_at <= added.at) AND (w.id IS NULL OR w.at >= added.at)
        )""",
    message="Only standing proposals are answered (ANS-02)",
)

# ANS-05, ANS-08: a decision by acceptance comes from an answer of its own dossier that accepts.
FROM_AN_ACCEPTANCE = _refused_on_insert(
    "from_an_acceptance",
    wrong="""NOT EXISTS (
            SELECT 1 FROM orientation_familyanswer f JOIN orientation_councilstatement s ON s.id = f.statement_id
            WHERE f.id = added.answer_id AND f.kind = 'ACCEPTED' AND s.dossier_id = added.dossier_id
        )""",
    message="Only an acceptance decides (ANS-05)",
    only="added.answer_id IS NOT NULL",
)

# OPI-03: a council examines an entry of the same dossier and phase.
OF_THE_SAME_DOSSIER = _refused_on_insert(
    "of_the_same_dossier",
    wrong="""NOT EXISTS (
            SELECT 1 FROM orientation_submission
            WHERE id = added.submission_id AND dossier_id = added.dossier_id AND phase = added.phase
        )""",
    message="A council examines an entry of the dossier (OPI-03)",
    only="added.submission_id IS NOT NULL",
)

# ANS-09: a dossier stays the one of this pupil in this campaign.
STAYS_WITH_ITS_PUPIL = pgtrigger.Protect(name="stays_with_its_pupil", operation=pgtrigger.Update | pgtrigger.Delete)


# --- SIE-01: what a family does is to be sent, until Siècle has answered for it ---------------------------------------


def _after_insert(name: str, statement: str) -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name=name,
        level=pgtrigger.Statement,
        operation=pgtrigger.Insert,
        when=pgtrigger.After,
        referencing=pgtrigger.Referencing(new="added"),
        func=f"{statement}; RETURN NULL;",
    )


def _to_send(kind: str, *, dossier: str, joins: str = "", only: str = "true") -> pgtrigger.Trigger:
    return _after_insert(
        "to_send",
        f"""
        INSERT INTO orientation_acttosend (ref, kind, dossier_id, campaign_id, uai)
        SELECT added.uuid, '{kind}', d.id, d.campaign_id, school.uai FROM added {joins}
        JOIN orientation_dossier d ON d.id = {dossier}
        JOIN families_student st ON st.id = d.student_id
        JOIN families_school school ON school.id = st.school_id
        WHERE {only}""",
    )


_STATEMENT = "JOIN orientation_councilstatement s ON s.id = {}.statement_id"
_ANSWER = "JOIN orientation_familyanswer f ON f.id = added.answer_id"
# what the school typed comes from Siècle, and so does the decision that follows: neither goes back
SUBMISSION_TO_SEND = _to_send("SUBMISSION", dossier="added.dossier_id", only="added.author_kind <> 'SCHOOL'")
ACKNOWLEDGEMENT_TO_SEND = _to_send("ACKNOWLEDGEMENT", dossier="s.dossier_id", joins=_STATEMENT.format("added"))
ANSWER_TO_SEND = _to_send(
    "ANSWER", dossier="s.dossier_id", joins=_STATEMENT.format("added"), only="added.author_kind <> 'SCHOOL'"
)
AGREEMENT_TO_SEND = _to_send("AGREEMENT", dossier="s.dossier_id", joins=f"{_ANSWER} {_STATEMENT.format('f')}")
DECISION_TO_SEND = _to_send(
    "DECISION",
    dossier="added.dossier_id",
    joins=_ANSWER,
    only="added.origin = 'ACCEPTANCE' AND f.author_kind <> 'SCHOOL'",
)
SENT = _after_insert(
    "sent", "DELETE FROM orientation_acttosend USING added WHERE orientation_acttosend.ref = added.ref"
)
