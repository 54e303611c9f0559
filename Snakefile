# The line: scores or recordings -> audio -> features -> model -> predictions -> scores -> report.
# What to run is declared in params.yaml, where it runs in profiles/, how in src/deepmir.
import sys

from snakemake.exceptions import WorkflowError

from deepmir import paths
from deepmir.declarations import activations, entries, generated, loading, sweeps
from deepmir.declarations.data import files_of
from deepmir.declarations.neural import NetworkEntry, NeuralEntry
from deepmir.baselines.methods import learns
from deepmir.errors import DeepmirError
from deepmir.workflow import availability, stages

try:
    PARAMS = loading.load()
    # A job on a cluster has a process of Snakemake, which need not look at all data again.
    if workflow.is_main_process:
        HERE = availability.of(PARAMS)
        if undivided := availability.undivided(HERE):
            raise WorkflowError("\n".join(undivided))
        availability.remember(HERE)
    else:
        HERE = availability.planned(PARAMS)
except DeepmirError as error:
    raise WorkflowError(str(error)) from None

# What can run is planned; what cannot, since its data are not here, is named and left out. Asked
# for by name it is an error.
SHOWN = HERE.params.shown
for note in HERE.notes:
    print(note, file=sys.stderr)
if (PARAMS.shown or PARAMS.generators) and not (SHOWN or HERE.params.generators):
    raise WorkflowError("nothing that params.yaml declares can run here")

ENTRIES = entries.everything(PARAMS)
TRAINED = {name: entry for name, entry in ENTRIES.items() if entry.is_trained}
NETWORKS = [name for name, entry in TRAINED.items() if isinstance(entry, NeuralEntry)]
WITH_HEALTH = [name for name in NETWORKS if ENTRIES[name].row.training.health]
SEARCHES = [
    name
    for name in NETWORKS
    if isinstance(TRAINED[name], NetworkEntry) and TRAINED[name].search
]
HERE_SEARCHED = [name for name in SEARCHES if name in SHOWN]
BASELINES = [name for name in TRAINED if name not in NETWORKS]
LEARNING = [name for name in BASELINES if learns(TRAINED[name].baseline.method)]
POOLED = [name for name, entry in ENTRIES.items() if entry.folds]
PREDICTED = [name for name in ENTRIES if name not in POOLED]
SWEEPS = {group.name: group for group in sweeps.groups(PARAMS)}
SAME = {name: other for group in SWEEPS.values() for name, other in group.same.items()}
HERE_SWEPT = [group.name for group in sweeps.groups(HERE.params)]
GENERATORS = generated.everything(PARAMS)
GENERATING = [*HERE.params.generators]
FEATURES = {paths.folder_of(r): name for name, r in PARAMS.representations.items()}


# glibc gives memory back to the system at every step of a training, and faults it in again:
# keeping it was measured to be 1.6 times as fast (CRNN). What makes features gains a little.
# Other allocators ignore these.
KEEP_MEMORY = (
    "MALLOC_MMAP_THRESHOLD_=1073741824 MALLOC_TRIM_THRESHOLD_=4294967296 "
    "MALLOC_TOP_PAD_=134217728"
)


def doubling(amount):
    """A resource that doubles with every attempt: a job that is killed for want of it gets more."""
    return lambda wildcards, attempt: amount * 2 ** (attempt - 1)


def of_all_tracks(base, share):
    """Memory of a job that holds a share of its audio or features, and doubles as above."""
    return lambda wildcards, input, attempt: int(
        (base + share * input.size_mb) * 2 ** (attempt - 1)
    )


def devices_of(name):
    """How many processes train a network: on GPUs, where it asks for them, as many of those."""
    devices = ENTRIES[name].row.training.devices
    return 1 if devices == "auto" else devices


def gpus_of(name):
    """The GPUs that a training asks for; `device: auto` takes one that is there, and asks none."""
    if name in GENERATORS:
        return int(GENERATORS[name].generator.training.device == "gpu")
    is_asked = ENTRIES[name].row.training.device == "gpu"
    return devices_of(name) if is_asked else 0


def indices_of(name):
    """The indices of the data sets that an entry or a generator is made from."""
    return [
        path
        for dataset in sorted((ENTRIES | GENERATORS)[name].datasets)
        for path in files_of(PARAMS, dataset).indices
    ]


def asked(name):
    """The entry of a name, if it has files of its own."""
    if name in SAME:
        raise WorkflowError(
            f"{name} says what {SAME[name]} says: ask for {SAME[name]} instead"
        )
    return ENTRIES[name]


def described(name):
    """What decides which track is in which part of an entry's data set."""
    return asked(name).files.described


def arrays_of(name):
    """The features or the audio that an entry reads."""
    return ENTRIES[name].arrays


def taught(name):
    """The files that an entry's network is trained on, and the model that it starts from."""
    entry = asked(name)
    started = entry.source and entry.source.declared
    return [*entry.taught, *([model_of(entry.source.name)] if started else [])]


def given(name):
    """The files that a generator learns from, or is judged on."""
    entry = GENERATORS[name]
    return [*entry.files.described, *entry.arrays]


def audio_of(generator):
    """The recordings that a generator is heard beside."""
    entry = GENERATORS[generator]
    return entry.files.audio(entry.representation.sample_rate)


def judges_of(name):
    """The models that judge a generator."""
    return [model_of(entry.name) for entry in GENERATORS[name].judges.values()]


def layers_of(representation):
    """The model of this file whose layers a representation is."""
    source = activations.source_of(PARAMS.representations[FEATURES[representation]])
    return model_of(source.name) if source and source.declared else []


def compared(name):
    """Which recordings of an entry's data sets are the same audio."""
    return ENTRIES[name].files.compared


def drawn_over(name):
    """What the report draws the tracks of a network over."""
    return arrays_of(name) if isinstance(ENTRIES[name], NeuralEntry) else []


def model_of(name):
    """The card carries the hash of the weights."""
    return (ENTRIES | GENERATORS)[name].folder / "card.json"


def models_of(names):
    """The models of entries, those of every fold of a cross-validation included."""
    each = [
        one.name for name in names for one in ENTRIES[name].folds or [ENTRIES[name]]
    ]
    return sorted({model_of(name) for name in each})


def declared(stage, wildcard):
    """A params function: the job reruns when this part of params.yaml changes."""
    about = {"name": ENTRIES, "generator": GENERATORS, "dataset": PARAMS.datasets}[
        wildcard
    ]
    return lambda wildcards: stages.declared(stage, about[wildcards[wildcard]])


def code(stage):
    """A params function: the job reruns when the code or a library of its stage changes."""

    def of(wildcards):
        given = dict(wildcards.items())
        about = ENTRIES[given["name"]].coded if "name" in given else None
        if "generator" in given:
            about = GENERATORS[given["generator"]].generator
        if stage == "features":
            about = PARAMS.representations[FEATURES[given["representation"]]]
        if stage == "render":
            about = PARAMS.datasets[given["dataset"]]
        return stages.code_hash(stage, about)

    return of


def state(wildcards):
    """A params function: the job reruns when recordings that are not of our making change."""
    if wildcards.dataset in HERE.missing:
        raise WorkflowError(HERE.missing[wildcards.dataset])
    return HERE.states[wildcards.dataset]


wildcard_constraints:
    datasets=r"({0})(\+({0}))?".format("|".join(PARAMS.datasets)),
    dataset="|".join(PARAMS.datasets),
    name="|".join([*PREDICTED, *POOLED, *SAME]) or "none",
    sweep="|".join(SWEEPS) or "none",
    search="|".join(SEARCHES) or "none",
    generator="|".join(GENERATORS) or "none",
    rate=r"\d+",
    shard=r"\d{4}",


localrules:
    all,
    data,
    arrays,
    models,
    scores,
    results,
    defaults,


rule all:
    input:
        "reports/index.html",
        "mlruns/tracked.json",
        expand("reports/metrics/{name}.json", name=SHOWN),


# The stages of dvc.yaml ask for these three and for all.
rule data:
    input:
        sorted({path for name in [*SHOWN, *GENERATING] for path in indices_of(name)}),


rule models:
    input:
        models_of(SHOWN),
        [model_of(name) for name in GENERATING],


rule scores:
    input:
        expand("reports/scores/{name}.json", name=SHOWN),
        expand("reports/metrics/{name}.json", name=SHOWN),
        expand("reports/generated/{name}/judgement.json", name=GENERATING),


# What DVC keeps, all in all; and what it does not, since it is made again: for `deepmir adopt`.
rule results:
    input:
        "reports/index.html",


rule arrays:
    input:
        sorted({path for name in SHOWN for path in [*arrays_of(name), *compared(name)]}),
        sorted({path for name in GENERATING for path in GENERATORS[name].arrays}),


# What `deepmir ship` makes the networks of `deepmir analyze`.
rule defaults:
    input:
        [model_of(name) for name in PARAMS.defaults.values()],


rule render:
    output:
        "data/raw/{dataset}/index/{shard}.json",
    log:
        "logs/render/{dataset}-{shard}.log",
    benchmark:
        "logs/benchmarks/render/{dataset}-{shard}.tsv"
    threads: 1
    resources:
        mem_mb=doubling(3000),
        runtime=doubling(120),
    params:
        declared=declared("render", "dataset"),
        state=state,
        code=code("render"),
    message:
        "Rendering or indexing shard {wildcards.shard} of the data set {wildcards.dataset}"
    shell:
        "deepmir render {wildcards.dataset} {wildcards.shard} --threads {threads} 2>&1 | tee {log}"


rule downmix:
    input:
        "data/raw/{dataset}/index/{shard}.json",
    output:
        "data/audio/{dataset}/{rate}/{shard}.h5",
    log:
        "logs/downmix/{dataset}-{rate}-{shard}.log",
    benchmark:
        "logs/benchmarks/downmix/{dataset}-{rate}-{shard}.tsv"
    threads: 1
    resources:
        mem_mb=doubling(1000),
        runtime=doubling(60),
    params:
        declared=declared("downmix", "dataset"),
        code=code("downmix"),
        keep_memory=KEEP_MEMORY,
    message:
        "Downmixing shard {wildcards.shard} of {wildcards.dataset} to {wildcards.rate} Hz mono"
    shell:
        "{params.keep_memory} deepmir downmix {wildcards.dataset} {wildcards.rate} {wildcards.shard}"
        " --threads {threads} 2>&1 | tee {log}"


rule duplicates:
    input:
        lambda w: [
            path
            for name in w.datasets.split("+")
            for path in files_of(PARAMS, name).audio(int(w.rate))
        ],
    output:
        "data/duplicates/{rate}/{datasets}.json",
    log:
        "logs/duplicates/{datasets}-{rate}.log",
    benchmark:
        "logs/benchmarks/duplicates/{datasets}-{rate}.tsv"
    threads: 1
    resources:
        mem_mb=of_all_tracks(2000, 0.015),  # fingerprints: 1.1 % of 22 kHz, measured
        runtime=doubling(60),
    params:
        names=lambda w: w.datasets.replace("+", " "),
        code=code("duplicates"),
    message:
        "Looking for recordings in {wildcards.datasets} with the same audio"
    shell:
        "deepmir duplicates {wildcards.rate} {params.names} 2>&1 | tee {log}"


rule features:
    input:
        audio=lambda w: paths.audio(
            w.dataset,
            PARAMS.representations[FEATURES[w.representation]].sample_rate,
            int(w.shard),
        ),
        model=lambda w: layers_of(w.representation),
    output:
        "data/features/{dataset}/{representation}/{shard}.h5",
    log:
        "logs/features/{dataset}-{representation}-{shard}.log",
    benchmark:
        "logs/benchmarks/features/{dataset}-{representation}-{shard}.tsv"
    wildcard_constraints:
        representation="|".join(FEATURES),
    threads: 1
    resources:
        mem_mb=doubling(1000),
        runtime=doubling(120),
    params:
        name=lambda w: FEATURES[w.representation],
        code=code("features"),
        keep_memory=KEEP_MEMORY,
    message:
        "Computing {wildcards.representation} of shard {wildcards.shard} of {wildcards.dataset}"
    shell:
        "{params.keep_memory} deepmir features {wildcards.dataset} {params.name} {wildcards.shard}"
        " --threads {threads} 2>&1 | tee {log}"


rule train:
    input:
        taught=lambda w: taught(w.name),
    output:
        "models/{name}/model.safetensors",
        "models/{name}/card.json",
        "models/{name}/history.csv",
    log:
        "logs/train/{name}.log",
    benchmark:
        "logs/benchmarks/train/{name}.tsv"
    wildcard_constraints:
        name="|".join(sorted({*NETWORKS} - {*WITH_HEALTH, *SEARCHES})) or "none",
    threads: lambda w: devices_of(w.name)
    resources:
        mem_mb=doubling(2500),
        runtime=doubling(720),
        gpu=lambda w: gpus_of(w.name),
    params:
        declared=declared("train", "name"),
        keep_memory=KEEP_MEMORY,
        code=code("train"),
    message:
        "Training {wildcards.name}: logs/train/{wildcards.name}.log"
    shell:
        "{params.keep_memory} deepmir train {wildcards.name} --threads {threads} 2>&1 | tee {log}"


# What training.health writes is asked for, too.
use rule train as train_with_health with:
    output:
        "models/{name}/model.safetensors",
        "models/{name}/card.json",
        "models/{name}/history.csv",
        "models/{name}/health.csv",
    wildcard_constraints:
        name="|".join(WITH_HEALTH) or "none",


# All trials of a search, one after the other; the model is that of the best.
use rule train as search with:
    output:
        "models/{name}/model.safetensors",
        "models/{name}/card.json",
        "models/{name}/history.csv",
        "models/{name}/trials.json",
    wildcard_constraints:
        name="|".join(SEARCHES) or "none",
    params:
        declared=declared("search", "name"),
        keep_memory=KEEP_MEMORY,
        code=code("search"),
    message:
        "Searching {wildcards.name}, trial by trial: logs/train/{wildcards.name}.log"


rule teach:
    input:
        lambda w: given(w.generator),
    output:
        "models/{generator}/model.safetensors",
        "models/{generator}/card.json",
        "models/{generator}/history.csv",
    log:
        "logs/train/{generator}.log",
    benchmark:
        "logs/benchmarks/train/{generator}.tsv"
    threads: 1
    resources:
        mem_mb=doubling(2500),
        runtime=doubling(720),
        gpu=lambda w: gpus_of(w.generator),
    params:
        declared=declared("teach", "generator"),
        keep_memory=KEEP_MEMORY,
        code=code("teach"),
    message:
        "Training {wildcards.generator}: logs/train/{wildcards.generator}.log"
    shell:
        "{params.keep_memory} deepmir train {wildcards.generator} --threads {threads} 2>&1 | tee {log}"


rule generate:
    input:
        arrays=lambda w: given(w.generator),
        audio=lambda w: audio_of(w.generator),
        model=lambda w: model_of(w.generator),
    output:
        "data/generated/{generator}/index.json",
    log:
        "logs/generate/{generator}.log",
    benchmark:
        "logs/benchmarks/generate/{generator}.tsv"
    threads: 1
    resources:
        mem_mb=doubling(2000),
        runtime=doubling(120),
    params:
        declared=declared("generate", "generator"),
        code=code("generate"),
    message:
        "Generating with {wildcards.generator}"
    shell:
        "deepmir generate {wildcards.generator} --threads {threads} 2>&1 | tee {log}"


rule judge:
    input:
        arrays=lambda w: given(w.generator),
        model=lambda w: model_of(w.generator),
        judges=lambda w: judges_of(w.generator),
        audio=lambda w: audio_of(w.generator),
        generated="data/generated/{generator}/index.json",
    output:
        "reports/generated/{generator}/judgement.json",
    log:
        "logs/judge/{generator}.log",
    benchmark:
        "logs/benchmarks/judge/{generator}.tsv"
    threads: 1
    resources:
        mem_mb=doubling(2000),
        runtime=doubling(120),
    params:
        declared=declared("judge", "generator"),
        code=code("judge"),
    message:
        "Judging {wildcards.generator} on the test tracks and by its generated samples"
    shell:
        "deepmir judge {wildcards.generator} --threads {threads} 2>&1 | tee {log}"


rule fit:
    input:
        described=lambda w: described(w.name) if w.name in LEARNING else [],
        arrays=lambda w: arrays_of(w.name) if w.name in LEARNING else [],
    output:
        "models/{name}/card.json",
    log:
        "logs/fit/{name}.log",
    benchmark:
        "logs/benchmarks/fit/{name}.tsv"
    wildcard_constraints:
        name="|".join(BASELINES) or "none",
    threads: 1
    resources:
        mem_mb=doubling(1000),
        runtime=doubling(60),
    params:
        declared=declared("fit", "name"),
        code=code("fit"),
    message:
        "Fitting the baseline {wildcards.name}, if it learns"
    shell:
        "deepmir train {wildcards.name} 2>&1 | tee {log}"


rule predict:
    input:
        described=lambda w: described(w.name),
        arrays=lambda w: arrays_of(w.name),
        model=lambda w: model_of(w.name),
    output:
        "data/predictions/{name}/index.json",
    log:
        "logs/predict/{name}.log",
    benchmark:
        "logs/benchmarks/predict/{name}.tsv"
    wildcard_constraints:
        name="|".join(PREDICTED) or "none",
    threads: 1
    resources:
        mem_mb=doubling(1500),
        runtime=doubling(120),
    params:
        declared=declared("predict", "name"),
        code=code("predict"),
    message:
        "Predicting the test tracks with {wildcards.name}"
    shell:
        "deepmir predict {wildcards.name} --threads {threads} 2>&1 | tee {log}"


rule pool:
    input:
        described=lambda w: described(w.name),
        predictions=lambda w: [
            paths.predictions(fold.name) for fold in ENTRIES[w.name].folds
        ],
    output:
        "data/predictions/{name}/index.json",
    log:
        "logs/pool/{name}.log",
    benchmark:
        "logs/benchmarks/pool/{name}.tsv"
    wildcard_constraints:
        name="|".join(POOLED) or "none",
    threads: 1
    resources:
        mem_mb=doubling(1000),
        runtime=doubling(30),
    params:
        declared=declared("pool", "name"),
        code=code("pool"),
    message:
        "Gathering the predictions of all folds of {wildcards.name}"
    shell:
        "deepmir pool {wildcards.name} 2>&1 | tee {log}"


rule evaluate:
    input:
        described=lambda w: described(w.name),
        predictions="data/predictions/{name}/index.json",
    output:
        "reports/metrics/{name}.json",
        "reports/scores/{name}.json",
    log:
        "logs/evaluate/{name}.log",
    benchmark:
        "logs/benchmarks/evaluate/{name}.tsv"
    threads: 1
    resources:
        mem_mb=doubling(1000),
        runtime=doubling(60),
    params:
        declared=declared("evaluate", "name"),
        code=code("evaluate"),
    message:
        "Scoring {wildcards.name} on the test tracks"
    shell:
        "deepmir evaluate {wildcards.name} 2>&1 | tee {log}"


rule sweep:
    input:
        scores=lambda w: [
            paths.scores(name) for name in sweeps.compared(PARAMS, SWEEPS[w.sweep])
        ],
        models=lambda w: models_of(SWEEPS[w.sweep].members),
    output:
        "reports/sweeps/{sweep}.md",
        "reports/sweeps/{sweep}.svg",
    log:
        "logs/sweep/{sweep}.log",
    benchmark:
        "logs/benchmarks/sweep/{sweep}.tsv"
    threads: 1
    resources:
        mem_mb=doubling(1000),
        runtime=doubling(30),
    params:
        declared=lambda w: str(SWEEPS[w.sweep]),
        code=code("sweep"),
    message:
        "Writing reports/sweeps/{wildcards.sweep}.md"
    shell:
        "deepmir sweep {wildcards.sweep} 2>&1 | tee {log}"


rule searched:
    input:
        "models/{search}/trials.json",
    output:
        "reports/searches/{search}.md",
        "reports/searches/{search}.svg",
    log:
        "logs/searched/{search}.log",
    benchmark:
        "logs/benchmarks/searched/{search}.tsv"
    threads: 1
    resources:
        mem_mb=doubling(1000),
        runtime=doubling(30),
    params:
        code=code("searched"),
    message:
        "Writing reports/searches/{wildcards.search}.md"
    shell:
        "deepmir search {wildcards.search} 2>&1 | tee {log}"


rule report:
    input:
        searches=expand(
            "reports/searches/{search}.{kind}",
            search=HERE_SEARCHED,
            kind=["md", "svg"],
        ),
        sweeps=expand(
            "reports/sweeps/{sweep}.{kind}", sweep=HERE_SWEPT, kind=["md", "svg"]
        ),
        scores=expand("reports/scores/{name}.json", name=SHOWN),
        models=models_of(SHOWN),
        arrays=sorted({path for name in SHOWN for path in drawn_over(name)}),
        judged=expand("reports/generated/{name}/judgement.json", name=GENERATING),
    output:
        "reports/index.html",
        "reports/README.md",
        directory("reports/experiments"),
    log:
        "logs/report.log",
    benchmark:
        "logs/benchmarks/report.tsv"
    threads: 1
    resources:
        mem_mb=doubling(1500),
        runtime=doubling(60),
    params:
        code=code("report"),
    message:
        "Writing reports/index.html"
    shell:
        "deepmir report 2>&1 | tee {log}"


rule track:
    input:
        scores=expand("reports/scores/{name}.json", name=SHOWN),
        models=models_of(SHOWN),
        judged=expand("reports/generated/{name}/judgement.json", name=GENERATING),
    output:
        "mlruns/tracked.json",
    log:
        "logs/track.log",
    benchmark:
        "logs/benchmarks/track.tsv"
    threads: 1
    resources:
        mem_mb=doubling(1500),
        runtime=doubling(60),
    params:
        sweeps=str([SWEEPS[name] for name in HERE_SWEPT]),
        code=code("track"),
    message:
        "Importing the runs into MLflow"
    shell:
        "deepmir track 2>&1 | tee {log}"
