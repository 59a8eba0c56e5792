"""Why a pupil is concerned by a campaign, is not, or is for the school to decide: what `Student.scope_reason` holds."""

LEFT, LEAVING, OTHER_LEVEL = "LEFT", "LEAVING", "OTHER_LEVEL"
NO_MEF, INACTIVE, NO_DIVISION = "NO_MEF", "INACTIVE", "NO_DIVISION"
DECIDED = "DECIDED"  # the school has settled it: an import does not ask again

REASONS = {
    LEFT: "a quitté l’établissement",
    LEAVING: "doit quitter l’établissement",
    OTHER_LEVEL: "autre niveau",
    NO_MEF: "sans formation reconnue",
    INACTIVE: "division « Inactifs » seulement",
    NO_DIVISION: "sans division",
    DECIDED: "tranché par l’établissement",
}
