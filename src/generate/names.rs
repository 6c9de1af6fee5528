//! The words of the municipality: names, streets, places, makes. Common ones, belonging to nobody in particular.

use super::draw::{Draw, Purpose, again};

/// Another municipality, or one whose code is in no table.
#[derive(Clone, Copy)]
pub struct Place {
    pub code: &'static str,
    pub town: &'static str,
    /// The first two digits of the postnummer.
    pub post: &'static str,
}

const fn place(code: &'static str, town: &'static str, post: &'static str) -> Place {
    Place { code, town, post }
}

/// The municipalities that people move from and to; the last is in no table.
pub const ELSEWHERE: [Place; 13] = [
    place("0180", "Stockholm", "11"),
    place("1480", "Göteborg", "41"),
    place("1280", "Malmö", "21"),
    place("0380", "Uppsala", "75"),
    place("0580", "Linköping", "58"),
    place("1880", "Örebro", "70"),
    place("1980", "Västerås", "72"),
    place("0381", "Enköping", "74"),
    place("0382", "Östhammar", "74"),
    place("2480", "Umeå", "90"),
    place("2580", "Luleå", "97"),
    place("0680", "Jönköping", "55"),
    place("0999", "Nordanå", "99"),
];

/// The name of the own municipality's main place.
pub fn own_place(code: &str) -> (&'static str, &'static str) {
    ELSEWHERE.iter().find(|place| place.code == code).map_or(("Centralorten", "10"), |place| (place.town, place.post))
}

const WOMEN: [&str; 40] = [
    "Anna", "Eva", "Maria", "Karin", "Kristina", "Lena", "Kerstin", "Sara", "Emma", "Ingrid", "Birgitta", "Malin",
    "Jenny", "Åsa", "Ulla", "Monica", "Elin", "Linda", "Fatima", "Amina", "Helena", "Susanne", "Hanna", "Julia",
    "Sofia", "Elsa", "Märta", "Zoë", "Leyla", "Hodan", "Alma", "Astrid", "Selma", "Ebba", "Maja", "Ella", "Agnes",
    "Stina", "Noor", "Renée",
];
const MEN: [&str; 40] = [
    "Lars", "Karl", "Anders", "Johan", "Per", "Nils", "Mikael", "Jan", "Erik", "Hans", "Peter", "Daniel", "Fredrik",
    "Göran", "Björn", "Håkan", "Sören", "Mohammed", "Ali", "Ahmed", "Oskar", "Emil", "Elias", "Hugo", "Liam", "Noah",
    "William", "Axel", "Åke", "Östen", "Šimon", "Yusuf", "Abdi", "Viktor", "Gustav", "Filip", "Adam", "Tomas",
    "Magnus", "André",
];
const FAMILIES: [&str; 56] = [
    "Andersson",
    "Johansson",
    "Karlsson",
    "Nilsson",
    "Eriksson",
    "Larsson",
    "Olsson",
    "Persson",
    "Svensson",
    "Gustafsson",
    "Pettersson",
    "Jonsson",
    "Jansson",
    "Hansson",
    "Bengtsson",
    "Jönsson",
    "Lindberg",
    "Jakobsson",
    "Magnusson",
    "Lindström",
    "Olofsson",
    "Lindqvist",
    "Lindgren",
    "Axelsson",
    "Berg",
    "Bergström",
    "Lundberg",
    "Lundgren",
    "Mattsson",
    "Berglund",
    "Fredriksson",
    "Sandberg",
    "Henriksson",
    "Ali",
    "Mohamed",
    "Forsberg",
    "Sjöberg",
    "Wallin",
    "Engström",
    "Eklund",
    "Danielsson",
    "Håkansson",
    "Lundin",
    "Ahmed",
    "Björk",
    "Gunnarsson",
    "Holm",
    "Wikström",
    "Öberg",
    "Åström",
    "Hassan",
    "Nyström",
    "Holmberg",
    "Žižek",
    "Müller",
    "Söderberg",
];
const STREETS: [&str; 44] = [
    "Storgatan",
    "Skolgatan",
    "Kungsgatan",
    "Drottninggatan",
    "Björkvägen",
    "Ringvägen",
    "Ekvägen",
    "Skogsvägen",
    "Strandvägen",
    "Tallvägen",
    "Granvägen",
    "Åkervägen",
    "Kyrkogatan",
    "Järnvägsgatan",
    "Parkvägen",
    "Industrigatan",
    "Östra Ågatan",
    "Västra Ågatan",
    "Sysslomansgatan",
    "Norra Esplanaden",
    "Södergatan",
    "Lingonvägen",
    "Blåbärsstigen",
    "Hallonvägen",
    "Vallmovägen",
    "Lärkvägen",
    "Svalvägen",
    "Trädgårdsgatan",
    "Nygatan",
    "Hamngatan",
    "Torggatan",
    "Väderkvarnsgatan",
    "Geijersgatan",
    "Luthagsesplanaden",
    "Fyrisvägen",
    "Stenhagsvägen",
    "Rosenvägen",
    "Lövstavägen",
    "Backvägen",
    "Rönnvägen",
    "Ängsvägen",
    "Marknadsgatan",
    "Slottsgränd",
    "Kvarngärdet",
];
/// The units of the cases; one has the delimiter in its name.
pub const UNITS: [&str; 6] =
    ["Enhet Norr", "Enhet Söder", "Enhet Väst", "Enhet Öst", "Mottagning; nyansökan", "Unga vuxna"];

/// Kinds of vehicles and how often each make occurs: the more, the commoner.
const CARS: [&str; 24] = [
    "Volvo",
    "Volvo",
    "Volvo",
    "Volvo",
    "Volkswagen",
    "Volkswagen",
    "Volkswagen",
    "Toyota",
    "Toyota",
    "Kia",
    "BMW",
    "BMW",
    "Audi",
    "Mercedes-Benz",
    "Ford",
    "Škoda",
    "Saab",
    "Saab",
    "Peugeot",
    "Renault",
    "Nissan",
    "Citroën",
    "Hyundai",
    "Opel",
];
const MOTORCYCLES: [&str; 6] = ["Yamaha", "Honda", "Husqvarna", "Kawasaki", "Harley-Davidson", "Suzuki"];
const TRAILERS: [&str; 5] = ["Thule", "Fogelsta", "Tiki Treiler", "Kabe", "Hobby \"Premium\""];
const MOPEDS: [&str; 4] = ["Piaggio", "Derbi", "Peugeot", "Crescent; Kinroad"];
const VANS: [&str; 4] = ["Volkswagen", "Ford", "Mercedes-Benz", "Renault"];

/// A vehicle's Fordonsslag and Fabrikat.
pub fn vehicle(bits: u64) -> (&'static str, &'static str) {
    let (kind, makes): (&str, &[&str]) = match bits % 100 {
        0..74 => ("Personbil", &CARS),
        74..82 => ("Släpvagn", &TRAILERS),
        82..90 => ("Lätt lastbil", &VANS),
        90..97 => ("Motorcykel", &MOTORCYCLES),
        _ => ("Moped klass I", &MOPEDS),
    };
    (kind, makes[again(bits, 1, makes.len() as u64) as usize])
}

/// A moped's make.
pub fn moped(bits: u64) -> (&'static str, &'static str) {
    ("Moped klass I", MOPEDS[again(bits, 1, MOPEDS.len() as u64) as usize])
}

/// A resident's given name.
pub fn given(draw: Draw, resident: u64) -> &'static str {
    let bits = draw.bits(Purpose::Given, resident);
    if bits.is_multiple_of(2) { WOMEN[again(bits, 1, 40) as usize] } else { MEN[again(bits, 1, 40) as usize] }
}

/// A resident's family name, for most the household's.
pub fn family(draw: Draw, resident: u64, household: u64) -> &'static str {
    let bits = draw.bits(Purpose::Family, resident);
    let shared = bits % 10 < 8;
    draw.pick(Purpose::Family, if shared { household } else { resident } + (1 << 40), &FAMILIES)
}

/// A home's street, number and lägenhet, and the last three digits of its postnummer.
pub struct Street {
    pub name: &'static str,
    pub number: u64,
    pub flat: Option<u64>,
    pub post: u64,
}

/// Where a home lies; the same for the same home.
pub fn street(draw: Draw, home: u64) -> Street {
    let bits = draw.bits(Purpose::Street, home);
    let flat = 1_000 + 100 * again(bits, 3, 6) + again(bits, 4, 4) + 1;
    Street {
        name: STREETS[again(bits, 1, STREETS.len() as u64) as usize],
        number: 1 + again(bits, 2, 96),
        flat: (again(bits, 5, 10) < 6).then_some(flat),
        post: 100 + again(bits, 6, 800),
    }
}

/// A handläggare of one of the units.
pub fn handler(unit: usize, turn: u64) -> String {
    let place = unit as u64 * 7 + turn;
    let given = if turn.is_multiple_of(2) { WOMEN } else { MEN }[(place * 5 % 40) as usize];
    format!("{given} {}", FAMILIES[(place * 11 % FAMILIES.len() as u64) as usize])
}
