"""Logarithm, exponential, normal distribution and sine from operations that IEEE 754 defines to the last bit.

NumPy's own ``log`` and ``exp`` differ in the last bit between processors (they use vector libraries where there are
any). Data must not, so these use only ``+ - * /``, ``sqrt`` and exact scaling, and give the same bits everywhere.
"""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_LN2_HIGH = 6.93147180369123816490e-01
_LN2_LOW = 1.90821492927058770002e-10


def _polynomial(x: Floats, coefficients: tuple[float, ...]) -> Floats:
    """Horner's scheme, the highest power first."""
    result = np.full_like(x, coefficients[0])
    for coefficient in coefficients[1:]:
        result *= x
        result += coefficient
    return result


def log(x: npt.ArrayLike) -> Floats:
    """Natural logarithm of positive numbers, within 2 units in the last place.

    By the series of artanh, after the exponent is split off.
    """
    mantissa, exponent = np.frexp(np.asarray(x, dtype=np.float64))
    small = mantissa < 0.7071067811865476
    mantissa = np.where(small, mantissa * 2.0, mantissa)
    powers = np.where(small, exponent - 1, exponent).astype(np.float64)
    ratio = (mantissa - 1.0) / (mantissa + 1.0)
    square = ratio * ratio
    series = _polynomial(square, tuple(1.0 / n for n in range(25, 0, -2)))
    result: Floats = powers * _LN2_HIGH + (2.0 * ratio * series + powers * _LN2_LOW)
    return result


def exp(x: npt.ArrayLike) -> Floats:
    """Exponential, within 2 units in the last place; 0 below -745, infinity above 709.78.

    By Taylor's series after the power of two is split off.
    """
    clipped = np.clip(np.asarray(x, dtype=np.float64), -800.0, 800.0)
    powers = np.rint(clipped * 1.4426950408889634)
    rest = (clipped - powers * _LN2_HIGH) - powers * _LN2_LOW
    factorials = [1.0]
    for n in range(1, 15):
        factorials.append(factorials[-1] * n)
    series = _polynomial(rest, tuple(1.0 / factorial for factorial in reversed(factorials)))
    with np.errstate(over="ignore", under="ignore"):
        result: Floats = np.ldexp(series, powers.astype(np.int32))
    return result


_CENTRE = (
    (2.5090809287301226727e3, 3.3430575583588128105e4, 6.7265770927008700853e4, 4.5921953931549871457e4,
     1.3731693765509461125e4, 1.9715909503065514427e3, 1.3314166789178437745e2, 3.3871328727963666080e0),
    (5.2264952788528545610e3, 2.8729085735721942674e4, 3.9307895800092710610e4, 2.1213794301586595867e4,
     5.3941960214247511077e3, 6.8718700749205790830e2, 4.2313330701600911252e1, 1.0),
)  # fmt: skip
_MIDDLE = (
    (7.74545014278341407640e-4, 2.27238449892691845833e-2, 2.41780725177450611770e-1, 1.27045825245236838258e0,
     3.64784832476320460504e0, 5.76949722146069140550e0, 4.63033784615654529590e0, 1.42343711074968357734e0),
    (1.05075007164441684324e-9, 5.47593808499534494600e-4, 1.51986665636164571966e-2, 1.48103976427480074590e-1,
     6.89767334985100004550e-1, 1.67638483018380384940e0, 2.05319162663775882187e0, 1.0),
)  # fmt: skip
_TAIL = (
    (2.01033439929228813265e-7, 2.71155556874348757815e-5, 1.24266094738807843860e-3, 2.65321895265761230930e-2,
     2.96560571828504891230e-1, 1.78482653991729133580e0, 5.46378491116411436990e0, 6.65790464350110377720e0),
    (2.04426310338993978564e-15, 1.42151175831644588870e-7, 1.84631831751005468180e-5, 7.86869131145613259100e-4,
     1.48753612908506148525e-2, 1.36929880922735805310e-1, 5.99832206555887937690e-1, 1.0),
)  # fmt: skip


def normal_quantile(probability: npt.ArrayLike) -> Floats:
    """The standard normal's quantile of probabilities strictly between 0 and 1, to about 1e-16.

    Source: M. J. Wichura, "Algorithm AS 241: The percentage points of the normal distribution", Applied Statistics 37
    (1988), routine PPND16.
    """
    p = np.atleast_1d(np.asarray(probability, dtype=np.float64))
    centred = p - 0.5
    squared = 0.180625 - centred * centred
    result = centred * _polynomial(squared, _CENTRE[0]) / _polynomial(squared, _CENTRE[1])
    outer = np.flatnonzero(np.abs(centred) > 0.425)
    if len(outer):
        tail = np.sqrt(-log(np.minimum(p[outer], 1.0 - p[outer])))
        near, far = tail - 1.6, tail - 5.0
        value = np.where(
            tail <= 5.0,
            _polynomial(near, _MIDDLE[0]) / _polynomial(near, _MIDDLE[1]),
            _polynomial(far, _TAIL[0]) / _polynomial(far, _TAIL[1]),
        )
        result[outer] = np.where(centred[outer] < 0, -value, value)
    return result.reshape(np.shape(probability))


_WEST_ABOVE = (
    3.52624965998911e-2, 0.700383064443688, 6.37396220353165, 33.912866078383, 112.079291497871, 221.213596169931,
    220.206867912376,
)  # fmt: skip
_WEST_BELOW = (
    8.83883476483184e-2, 1.75566716318264, 16.064177579207, 86.7807322029461, 296.564248779674, 637.333633378831,
    793.826512519948, 440.413735824752,
)  # fmt: skip


def normal_distribution(x: npt.ArrayLike) -> Floats:
    """The standard normal's distribution function, to about 1e-15.

    Source: G. West, "Better approximations to cumulative normal functions", Wilmott Magazine (2005), after J. F. Hart.
    """
    given = np.atleast_1d(np.asarray(x, dtype=np.float64))
    size = np.minimum(np.abs(given), 37.0)
    density = exp(-size * size / 2.0)
    near = density * _polynomial(size, _WEST_ABOVE) / _polynomial(size, _WEST_BELOW)
    far = np.maximum(size, 7.0)
    fraction = far + 1.0 / (far + 2.0 / (far + 3.0 / (far + 4.0 / (far + 0.65))))
    tail = np.where(size < 7.07106781186547, near, density / fraction / 2.506628274631)
    result: Floats = np.where(given > 0, 1.0 - tail, tail)
    return result.reshape(np.shape(x))


def sine_of_turns(turns: npt.ArrayLike) -> Floats:
    """The sine of an angle in whole turns, to about 1e-15, by Taylor's series over a quarter of a turn."""
    given = np.asarray(turns, dtype=np.float64)
    rest = given - np.rint(given)
    folded = np.where(np.abs(rest) > 0.25, np.where(rest > 0, 0.5, -0.5) - rest, rest)
    angle = folded * 6.283185307179586
    square = angle * angle
    factorials = [1.0]
    for n in range(1, 22):
        factorials.append(factorials[-1] * n)
    coefficients = tuple((-1.0) ** (n // 2) / factorials[n] for n in range(21, 0, -2))
    result: Floats = angle * _polynomial(np.atleast_1d(square), coefficients).reshape(np.shape(given))
    return result
