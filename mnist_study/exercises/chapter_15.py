"""Exercises of chapter 15: is MNIST solved?"""

import numpy as np

from .judging import exercise


@exercise(
    "15-1",
    cases=lambda rng: [(30, 10_000), (0, 50), (3, 40)],
    tolerance=1e-4,
    hints=(
        "With no error in 50, the error is not 0 ± 0: that is why Wilson's interval exists.",
        "With z = 1.96: the middle is (p + z² / 2n) / (1 + z² / n), and it reaches "
        "z √(p (1 − p) / n + z² / 4n²) / (1 + z² / n) to either side.",
    ),
)
def wilson(errors, total):
    p, z = errors / total, 1.96
    middle = (p + z**2 / (2 * total)) / (1 + z**2 / total)
    reach = z * np.sqrt(p * (1 - p) / total + z**2 / (4 * total**2)) / (1 + z**2 / total)
    return middle - reach, middle + reach


def _normal(k, n):
    p = k / n
    reach = 1.96 * np.sqrt(p * (1 - p) / n)
    return p - reach, p + reach


wilson.mistake("That is the normal approximation: with no error it says 0 to 0.", _normal)
wilson.mistake(
    "That is the middle and how far it reaches; give the two ends.",
    lambda k, n: (sum(wilson(k, n)) / 2, wilson(k, n)[1] - sum(wilson(k, n)) / 2),
)
wilson.mistake(
    "That is in accuracy; the errors were asked for.", lambda k, n: tuple(1 - end for end in wilson(k, n))[::-1]
)


@exercise(
    "15-2",
    cases=lambda rng: [(0.003, 0.0025), (0.02, 0.01), (0.03, 0.02)],
    tolerance=0.01,  # rounded up or not
    hints=(
        "Two shares, each with a variance p (1 − p) / n; the variances add up.",
        "Set 1.96 standard errors equal to the difference, and solve for n.",
    ),
)
def digits_needed(error_a, error_b):
    variance = error_a * (1 - error_a) + error_b * (1 - error_b)
    return np.ceil(1.96**2 * variance / (error_a - error_b) ** 2)


digits_needed.mistake(
    "Both shares are uncertain: their variances add up.", lambda a, b: np.ceil(1.96**2 * a * (1 - a) / (a - b) ** 2)
)
digits_needed.mistake(
    "That is for one standard error; 1.96 are asked for.",
    lambda a, b: np.ceil((a * (1 - a) + b * (1 - b)) / (a - b) ** 2),
)
digits_needed.mistake(
    "Solving for n squares the difference: half of it costs four times as many.",
    lambda a, b: np.ceil(1.96**2 * (a * (1 - a) + b * (1 - b)) / abs(a - b)),
)


def _teams(rng):
    return [(rng.dirichlet(np.full(4, 0.4), (members, 40)),) for members in (3, 5)]


@exercise(
    "15-3",
    cases=_teams,
    hints=("The first axis counts the members.", "The mean of what they say, then the likeliest class."),
)
def team_reads(probabilities):
    return probabilities.mean(axis=0).argmax(axis=1)


team_reads.mistake(
    "That is a vote: it forgets how sure each member was.",
    lambda p: np.array([np.bincount(votes, minlength=4).argmax() for votes in p.argmax(axis=2).T]),
)
team_reads.mistake(
    "You weigh each member by how sure it is, and then hear only its favourite; the rest of what it says counts, too.",
    lambda p: np.array(
        [np.bincount(p[:, n].argmax(axis=1), p[:, n].max(axis=1), 4).argmax() for n in range(p.shape[1])]
    ),
)
team_reads.mistake("That listens to the surest member only.", lambda p: p.max(axis=0).argmax(axis=1))
team_reads.mistake(
    "That multiplies what they say: one member that is sure of a mistake forbids the truth.",
    lambda p: np.log(p + 1e-12).mean(axis=0).argmax(axis=1),
)


@exercise(
    "15-4",
    tolerance=0.015,
    hints=(
        "What is the smallest of 31 such counts, on average? Let the computer draw them, many times.",
        "`rng.binomial(10_000, 0.003, (50_000, 31))`",
    ),
)
def luckiest_of_31():
    rng = np.random.default_rng(0)
    return rng.binomial(10_000, 0.003, (50_000, 31)).min(axis=1).mean()


luckiest_of_31.mistake("That is what each of them makes on average; the luckiest makes fewer.", lambda: 30)
luckiest_of_31.mistake(
    "That is one standard deviation below; the smallest of 31 is further out.", lambda: 30 - np.sqrt(30)
)
luckiest_of_31.mistake(
    "That is the unluckiest.", lambda: np.random.default_rng(1).binomial(10_000, 0.003, (50_000, 31)).max(axis=1).mean()
)
