"""Which académie a school belongs to: the small table of departments, as the UAI begins."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AcademyFacts:
    name: str
    departments: tuple[str, ...]
    timezone: str = "Europe/Paris"


ACADEMIES = {
    "01": AcademyFacts("Paris", ("075",)),
    "02": AcademyFacts("Aix-Marseille", ("004", "005", "013", "084")),
    "03": AcademyFacts("Besançon", ("025", "039", "070", "090")),
    "04": AcademyFacts("Bordeaux", ("024", "033", "040", "047", "064")),
    "06": AcademyFacts("Clermont-Ferrand", ("003", "015", "043", "063")),
    "07": AcademyFacts("Dijon", ("021", "058", "071", "089")),
    "08": AcademyFacts("Grenoble", ("007", "026", "038", "073", "074")),
    "09": AcademyFacts("Lille", ("059", "062")),
    "10": AcademyFacts("Lyon", ("001", "042", "069")),
    "11": AcademyFacts("Montpellier", ("011", "030", "034", "048", "066")),
    "12": AcademyFacts("Nancy-Metz", ("054", "055", "057", "088")),
    "13": AcademyFacts("Poitiers", ("016", "017", "079", "086")),
    "14": AcademyFacts("Rennes", ("022", "029", "035", "056")),
    "15": AcademyFacts("Strasbourg", ("067", "068")),
    "16": AcademyFacts("Toulouse", ("009", "012", "031", "032", "046", "065", "081", "082")),
    "17": AcademyFacts("Nantes", ("044", "049", "053", "072", "085")),
    "18": AcademyFacts("Orléans-Tours", ("018", "028", "036", "037", "041", "045")),
    "19": AcademyFacts("Reims", ("008", "010", "051", "052")),
    "20": AcademyFacts("Amiens", ("002", "060", "080")),
    "22": AcademyFacts("Limoges", ("019", "023", "087")),
    "23": AcademyFacts("Nice", ("006", "083")),
    "24": AcademyFacts("Créteil", ("077", "093", "094")),
    "25": AcademyFacts("Versailles", ("078", "091", "092", "095")),
    "27": AcademyFacts("Corse", ("620", "720")),
    "28": AcademyFacts("La Réunion", ("974",), "Indian/Reunion"),
    "31": AcademyFacts("Martinique", ("972",), "America/Martinique"),
    "32": AcademyFacts("Guadeloupe", ("971", "977", "978"), "America/Guadeloupe"),
    "33": AcademyFacts("Guyane", ("973",), "America/Cayenne"),
    "40": AcademyFacts("Nouvelle-Calédonie", ("988",), "Pacific/Noumea"),
    "41": AcademyFacts("Polynésie française", ("987",), "Pacific/Tahiti"),
    "42": AcademyFacts("Wallis-et-Futuna", ("986",), "Pacific/Wallis"),
    "43": AcademyFacts("Mayotte", ("976",), "Indian/Mayotte"),
    "44": AcademyFacts("Saint-Pierre-et-Miquelon", ("975",), "America/Miquelon"),
    "70": AcademyFacts("Normandie", ("014", "027", "050", "061", "076")),
}
# A school whose UAI begins with no known department: its académie is to be told, by --academy or in the admin.
UNTOLD = "99"
ACADEMY_UNTOLD = AcademyFacts("rattachement à préciser", ())
BY_DEPARTMENT = {department: code for code, facts in ACADEMIES.items() for department in facts.departments}
