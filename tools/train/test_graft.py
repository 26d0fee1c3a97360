"""Self-check of the encoder's start values: a grafted encoder says what the BERT says that it came from, and tells each token its neighbours.

The BERT here is a small random one in MiniLM's measures. Run: python -m pytest -q
"""

from __future__ import annotations

import random

import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from torch.nn.functional import cosine_similarity
from transformers import BertConfig, BertModel

from batches import encoder_masks
from graft import graft, watch, word_states
from minilm import MiniLM
from model import HIDDEN, SLIDING, build_model, of_two, stack
from ready import CONTENT, MEANING, READING, SLOW, Directions, fill_table, find_and_copy, gather_question, tell_neighbours

WORDS = [f"w{number}" for number in range(60)]
LAYERS = 2


def small_minilm() -> MiniLM:
    torch.manual_seed(1)
    bert = BertModel(BertConfig(vocab_size=64, num_hidden_layers=LAYERS, hidden_size=384, num_attention_heads=12, intermediate_size=1536, max_position_embeddings=128), add_pooling_layer=False)
    with torch.no_grad():
        for name, weight in bert.named_parameters():
            if "dense.weight" in name or "self" in name:
                weight.mul_(2.5)  # branches that change something
            if "position" in name:
                weight.zero_()  # T5Gemma 2 has no learnt places
    words = Tokenizer(models.WordLevel({word: number for number, word in enumerate(["[UNK]", "[CLS]", "[SEP]", ".", *WORDS])} | {",": 3}, "[UNK]"))
    words.pre_tokenizer = pre_tokenizers.Whitespace()
    return MiniLM(bert.eval().requires_grad_(False), words)


def texts(seed: int, count: int) -> list[str]:
    rng = random.Random(seed)
    return [" ".join(rng.choices(WORDS, k=50)) for _ in range(count)]


def grafted(minilm: MiniLM):
    pieces = {"<bos>": 0} | {f"▁{word}": number for number, word in enumerate(WORDS, 1)}
    both = {"hidden": HIDDEN, "inner": 1024}
    encoder = stack(len(pieces), **both, kinds=[SLIDING] * (1 + LAYERS), heads=12, kv_heads=12, head_dim=32, theta=1e6)
    model = build_model(of_two(encoder, stack(len(pieces), **both, kinds=[SLIDING] * (READING + 2), heads=6, kv_heads=3, head_dim=64, theta=1e6)))
    text_model, seen = model.model.encoder.text_model, watch(minilm, texts(2, 40))
    with torch.no_grad():
        fill_table(text_model.embed_tokens.weight)
    graft(text_model, minilm.bert, seen, seen.directions(), word_states(minilm, pieces))
    tell_neighbours(text_model)
    return model, pieces, Directions.of(text_model), seen.directions()


def test_a_grafted_encoder_says_what_the_bert_says() -> None:
    minilm = small_minilm()
    model, pieces, _, directions = grafted(minilm)
    said, expected = [], []
    for text in texts(3, 8):
        ids = torch.tensor([[pieces[f"▁{word}"] for word in text.split()]])
        with torch.no_grad():
            states = model.model.encoder.text_model(input_ids=ids, attention_mask=encoder_masks(model, ids > 0), output_hidden_states=True).hidden_states
        said.append(states[-1][0, :, MEANING])
        expected.append(minilm.run(minilm.windows(text))[0][-1] @ directions)
    said, expected = ((rows - rows.mean(0)) for rows in (torch.cat(said), torch.cat(expected)))
    likeness = cosine_similarity(said, expected).mean()
    assert likeness > 0.8, likeness
    words_alone = cosine_similarity(torch.cat([model.model.encoder.text_model.embed_tokens(ids)[0, :, MEANING]]), expected[-50:]).mean()
    assert words_alone < likeness - 0.1, words_alone


def test_the_first_layer_writes_what_comes_after_each_token() -> None:
    model, pieces, known, _ = grafted(small_minilm())
    encoder = model.model.encoder.text_model
    ids = torch.tensor([[pieces[f"▁{word}"] for word in texts(4, 1)[0].split()]])
    with torch.no_grad():
        states = encoder(input_ids=ids, attention_mask=encoder_masks(model, ids > 0), output_hidden_states=True).hidden_states
        own = encoder.embed_tokens(ids)[0, :, CONTENT]
    written = (states[1] - states[0])[0] @ known.after.T  # [tokens, 64]
    named = own @ known.named[:, CONTENT].T
    following = cosine_similarity(written[:-1], named[1:]).mean()
    assert following > 0.8 and cosine_similarity(written[:-1], named[:-1]).mean() < 0.3, following


def test_a_fresh_decoder_writes_the_right_neighbour_of_what_it_has_just_written() -> None:
    minilm = small_minilm()
    model, pieces, known, _ = grafted(minilm)
    pieces_total = len(pieces)
    gather_question(model.model.decoder, known)
    find_and_copy(model.model.decoder, known, torch.randn(len(SLOW), HIDDEN), torch.randn(len(SLOW), 256))
    order = torch.randperm(pieces_total - 1)[:40] + 1
    with torch.no_grad():
        states = model.model.encoder.text_model(input_ids=order[None], attention_mask=encoder_masks(model, order[None] > 0)).last_hidden_state
        made = model.model.decoder(input_ids=order[None, :-1], encoder_hidden_states=states, use_cache=False).last_hidden_state
        likely = model.lm_head(made)[0].argsort(descending=True)
    among_five = sum(int(order[i + 1]) in likely[i, :5].tolist() for i in range(39))
    assert among_five > 20, among_five
