"""FF1 against the published vectors, and against Bouncy Castle at random."""

import json
import math
from pathlib import Path

import jpype
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from faasera.generators.ff1 import FF1, LARGEST_RADIX, SMALLEST_DOMAIN, aes

VECTORS = json.loads((Path(__file__).parent / "ff1.json").read_text())["vectors"]
BOUNCY_CASTLE = "/usr/share/java/bcprov.jar"


def encrypt(key, radix, numerals, tweak):
    rows = np.array(numerals, dtype=np.int64)
    cipher = FF1(aes(key), radix, rows.shape[1], len(tweak))
    return cipher.encrypt(rows, np.frombuffer(tweak, dtype=np.uint8).reshape(1, -1)).tolist()


@pytest.mark.parametrize("vector", VECTORS, ids=lambda one: f"{len(one['alphabet'])}-{len(one['pt'])}")
def test_the_published_vectors(vector):
    alphabet = vector["alphabet"]
    numerals = [alphabet.index(one) for one in vector["pt"]]
    made = encrypt(bytes.fromhex(vector["key"]), len(alphabet), [numerals] * 3, bytes.fromhex(vector["tweak"]))
    assert ["".join(alphabet[one] for one in row) for row in made] == [vector["ct"]] * 3


@pytest.fixture(scope="module")
def bouncy_castle():
    """Encrypts by Bouncy Castle's FF1: (key, radix, numerals, tweak) → numerals."""
    if not jpype.isJVMStarted():
        jpype.startJVM(classpath=[BOUNCY_CASTLE], convertStrings=False)
    fpe = jpype.JPackage("org").bouncycastle.crypto.fpe
    parameters = jpype.JPackage("org").bouncycastle.crypto.params

    def encrypt_there(key, radix, numerals, tweak):
        engine = fpe.FPEFF1Engine()
        key_parameter = parameters.KeyParameter(jpype.JArray(jpype.JByte)(list(np.frombuffer(key, np.int8))))
        given = jpype.JArray(jpype.JByte)(list(np.frombuffer(tweak, np.int8)))
        engine.init(True, parameters.FPEParameters(key_parameter, radix, given))
        wide = radix > 256
        data = np.array(numerals, dtype=">u2" if wide else np.uint8).tobytes()
        source = jpype.JArray(jpype.JByte)(list(np.frombuffer(data, np.int8)))
        target = jpype.JArray(jpype.JByte)(len(data))
        engine.processBlock(source, 0, len(data), target, 0)
        raw = np.array(target[:], dtype=np.int8).tobytes()
        return np.frombuffer(raw, dtype=">u2" if wide else np.uint8).tolist()

    return encrypt_there


@settings(max_examples=300)
@given(st.data())
def test_bouncy_castle_makes_the_same(bouncy_castle, data):
    # Bouncy Castle 1.72 writes the radix in two bytes instead of three, so that 65,536 itself becomes 0 there.
    radix = data.draw(
        st.one_of(st.sampled_from([2, 10, 26, 36, 62, 256, 257, LARGEST_RADIX - 1]), st.integers(2, 2000))
    )
    fewest = 2
    while radix**fewest < SMALLEST_DOMAIN:
        fewest += 1
    length = data.draw(st.integers(fewest, fewest + 60))
    right = length - length // 2
    # It counts the bits of half a text in floating point, which for some powers of two comes out one too high.
    assume(math.ceil(math.log(radix) * right / math.log(2)) == (radix**right - 1).bit_length())
    numerals = data.draw(st.lists(st.integers(0, radix - 1), min_size=length, max_size=length))
    key = data.draw(st.sampled_from([16, 24, 32]).flatmap(lambda size: st.binary(min_size=size, max_size=size)))
    tweak = data.draw(st.binary(max_size=40))
    assert encrypt(key, radix, [numerals], tweak)[0] == bouncy_castle(key, radix, numerals, tweak)


def by_the_letter(key, radix, numerals, tweak):
    """Algorithm 7 of NIST SP 800-38G with Python's own whole numbers, one text at a time."""

    def number(half):
        return sum(one * radix ** (len(half) - 1 - place) for place, one in enumerate(half))

    def block(data):
        return aes(key)(np.frombuffer(data, np.uint8).reshape(1, 16)).tobytes()

    length = len(numerals)
    left, right = length // 2, length - length // 2
    first, second = list(numerals[:left]), list(numerals[left:])
    size = math.ceil((radix**right - 1).bit_length() / 8)
    output = 4 * math.ceil(size / 4) + 4
    head = (
        bytes([1, 2, 1])
        + radix.to_bytes(3, "big")
        + bytes([10, left % 256])
        + length.to_bytes(4, "big")
        + len(tweak).to_bytes(4, "big")
    )
    for turn in range(10):
        data = (
            head + tweak + bytes((-len(tweak) - size - 1) % 16) + bytes([turn]) + number(second).to_bytes(size, "big")
        )
        state = bytes(16)
        for start in range(0, len(data), 16):
            state = block(bytes(one ^ other for one, other in zip(state, data[start : start + 16], strict=True)))
        made, counter = state, 1
        while len(made) < output:
            made += block((int.from_bytes(state, "big") ^ counter).to_bytes(16, "big"))
            counter += 1
        count = left if turn % 2 == 0 else right
        total = (number(first) + int.from_bytes(made[:output], "big")) % radix**count
        first, second = second, [total // radix ** (count - 1 - place) % radix for place in range(count)]
    return first + second


@settings(max_examples=200)
@given(st.data())
def test_the_standard_by_the_letter_makes_the_same(data):
    radix = data.draw(st.one_of(st.sampled_from([2, 10, 256, LARGEST_RADIX]), st.integers(2, LARGEST_RADIX)))
    fewest = max(2, math.ceil(math.log(SMALLEST_DOMAIN) / math.log(radix)))
    length = data.draw(st.integers(fewest, fewest + 70))
    numerals = data.draw(st.lists(st.integers(0, radix - 1), min_size=length, max_size=length))
    key, tweak = data.draw(st.binary(min_size=16, max_size=16)), data.draw(st.binary(max_size=40))
    assert encrypt(key, radix, [numerals], tweak)[0] == by_the_letter(key, radix, numerals, tweak)


@pytest.mark.parametrize("radix,length", [(10, 6), (2, 20), (100, 3), (1000, 2)])
def test_a_whole_domain_is_permuted(radix, length):
    everything = np.arange(SMALLEST_DOMAIN)
    numerals = np.stack([everything // radix**place % radix for place in range(length - 1, -1, -1)], axis=1)
    made = FF1(aes(bytes(16)), radix, length, 0).encrypt(numerals, np.zeros((1, 0), np.uint8))
    values = (made * radix ** np.arange(length - 1, -1, -1)).sum(axis=1)
    assert len(np.unique(values)) == SMALLEST_DOMAIN


@given(st.integers(2, LARGEST_RADIX), st.lists(st.integers(0, 1), min_size=2, max_size=70))
def test_chunks_hold_the_numerals(radix, bits):
    numerals = np.array([[bit * (radix - 1) for bit in bits]])
    cipher = FF1(aes(bytes(16)), radix, len(bits), 0)
    assert cipher.to_numerals(cipher.to_chunks(numerals), len(bits)).tolist() == numerals.tolist()
