package proto

// The messages of the Skip lab, which trains a few small networks side by side. An engine of the lab has no model: its
// first request is LabOpen in place of Load. It keeps one lab: the networks of the last LabStart, as far as they are
// trained. Numbers of layers come as float32 buffers, since JSON has no infinity: layer by layer, network after
// network.

// LabOpen starts the helpers of an engine without a model.
type LabOpen struct {
	Threads int `json:"threads"` // at most; at least 1
}

// LabOpened is the answer to LabOpen.
type LabOpened struct {
	Threads int    `json:"threads"`
	SIMD    string `json:"simd"`
}

// LabData gives the engine a set of pictures under a name, for later requests. Its buffers:
//   - pictures, uint8, N×Size×Size×3
//   - labels, uint16, N: classes by number
//   - domains, uint8, N: which of the set's domains each picture is of, if there are any
//
// Or its only buffer is file, uint8: grey pictures with labels as package digits has them. Then all but the name is
// read there.
type LabData struct {
	Name    string   `json:"name"`
	Classes []string `json:"classes"`
	Domains []string `json:"domains"` // their names
	Size    int      `json:"size"`    // the pictures' side, in pixels
}

// LabSet says which pictures the networks learn.
type LabSet struct {
	Name       string  `json:"name"`       // of a set that LabData has sent, or "shapes", which are drawn
	Task       string  `json:"task"`       // of shapes
	Domain     string  `json:"domain"`     // of sets with domains; "": all
	Size       int     `json:"size"`       // the side of the networks' pictures, in pixels
	Train      int     `json:"train"`      // pictures to learn from, at most
	Held       int     `json:"held"`       // pictures that only judge
	Difficulty float64 `json:"difficulty"` // of shapes, 0 … 1
}

// LabNetwork is the structure of one network: a residual network for small pictures, or the same without shortcuts.
type LabNetwork struct {
	Depth         int    `json:"depth"` // layers with weights: 6n + 2
	Join          string `json:"join"`  // "add", "none", "product", "maximum" or "gate"
	Norm          bool   `json:"norm"`
	PreActivation bool   `json:"preActivation"`
	Width         int    `json:"width"`      // channels of the first stage
	Activation    string `json:"activation"` // "relu", "leaky-relu", "tanh" or "silu"
	Init          string `json:"init"`       // "he-out", "he-in" or "xavier"
	ZeroLast      bool   `json:"zeroLast"`   // each F is zero at the start
}

// LabAugment is how pictures to learn from are changed at random.
type LabAugment struct {
	Mirror bool `json:"mirror"`
	Shift  int  `json:"shift"` // at most so many pixels each way
	Cut    int  `json:"cut"`   // the side of a square that is blanked
}

// LabSettings are the settings of a lab. Every network sees the same batches.
type LabSettings struct {
	Data        LabSet       `json:"data"`
	Batch       int          `json:"batch"`
	Steps       int          `json:"steps"`
	Seed        uint32       `json:"seed"`
	Optimizer   string       `json:"optimizer"` // "sgd" or "adamw"
	Rate        float64      `json:"rate"`
	Momentum    float64      `json:"momentum"`
	Nesterov    bool         `json:"nesterov"`
	Warmup      int          `json:"warmup"`   // steps
	Schedule    string       `json:"schedule"` // "cosine", "step" or "constant"
	WeightDecay float64      `json:"weightDecay"`
	Clip        float64      `json:"clip"` // the largest norm of all gradients together; 0: none
	Smoothing   float64      `json:"smoothing"`
	Augment     LabAugment   `json:"augment"`
	Networks    []LabNetwork `json:"networks"`
}

// LabSignal asks how a signal fares in untrained networks: forward, and the gradient on its way back. Its answer is
// LabMade, with the buffers of LabStep.
type LabSignal struct {
	Settings LabSettings `json:"settings"`
}

// LabStart makes the networks of a lab, in place of the last ones. With the buffer state, LabState's of a lab with the
// same settings, they are where they were then. The answer is LabMade.
type LabStart struct {
	Settings LabSettings `json:"settings"`
}

// LabMade describes the networks of a lab.
type LabMade struct {
	Networks []LabMadeNetwork `json:"networks"`
	Step     int              `json:"step"` // steps that are done
	Steps    int              `json:"steps"`
	Train    int              `json:"train"` // pictures to learn from
	Held     int              `json:"held"`
	Classes  []string         `json:"classes"`
	MS       float64          `json:"ms"`
}

// LabMadeNetwork describes one network.
type LabMadeNetwork struct {
	Layers     []LabLayer `json:"layers"`
	LayerCount int        `json:"layerCount"`
	Parameters int        `json:"parameters"`
	Bytes      int64      `json:"bytes"`    // of memory while it trains
	Loss       *float64   `json:"loss"`     // on a batch; null: it is no number, or nothing was computed
	Diverged   int        `json:"diverged"` // the step at which it left the numbers; -1: it has not
}

// LabLayer is one layer with weights.
type LabLayer struct {
	Name  string `json:"name"`  // as in a file: "layer1.0.conv1"
	Stage int    `json:"stage"` // from 1; 0 is the stem
	Block int    `json:"block"` // in its stage, from 0
	Kind  string `json:"kind"`  // "conv" or "fc"
	Depth int    `json:"depth"` // from 0
}

// LabRun trains the lab's networks: all that is left, or some steps. OpStop pauses it after the present step.
type LabRun struct {
	Steps int `json:"steps"` // at most; 0: all that is left
}

// LabStep reports a step. Its buffers have a number for each layer of each network:
//   - activations, the root mean square of the layer's output, after its activation
//   - outputGradients, the root mean square of the loss's gradient by that output
//   - weightGradients, the Euclidean norm of the loss's gradient by the layer's weights
//
// A network that has diverged has zeros.
type LabStep struct {
	Step     int              `json:"step"` // steps that are done
	Steps    int              `json:"steps"`
	Rate     float64          `json:"rate"`
	MS       float64          `json:"ms"`
	Networks []LabNetworkStep `json:"networks"`
}

// LabNetworkStep is one network's part of a step.
type LabNetworkStep struct {
	LayerCount int     `json:"layerCount"` // of its numbers in each buffer
	Loss       float64 `json:"loss"`       // of the batch; 0 if it has diverged
	Accuracy   float64 `json:"accuracy"`
	Diverged   bool    `json:"diverged"`
	Learnt     *Score  `json:"learnt"` // now and then, and at the end: on pictures that are learnt from
	Held       *Score  `json:"held"`   // and on those that are not
}

// LabRan is the answer to LabRun.
type LabRan struct {
	Step     int   `json:"step"`
	Steps    int   `json:"steps"`
	Done     bool  `json:"done"`
	Diverged []int `json:"diverged"` // for each network, the step at which it left the numbers; -1: it has not
}

// LabScore asks how the networks do on all pictures.
type LabScore struct{}

// LabScored is the answer to LabScore, for each network.
type LabScored struct {
	Networks []LabNetworkStep `json:"networks"`
}

// LabState asks for all that a lab needs to go on to the very same result, as the buffer state.
type LabState struct{}

// LabLandscape asks for the loss round the end of a network's training, in two random directions that are normalised by
// filter (Li et al. 2018). Its data is Side×Side losses.
type LabLandscape struct {
	Network int     `json:"network"`
	Side    int     `json:"side"`
	Span    float64 `json:"span"` // how far it goes each way, in norms of the filters
}

// LabPaths asks for the gradient by the length of the paths through a residual network (Veit et al. 2016).
type LabPaths struct {
	Network int `json:"network"`
}

// LabPathsFound is the answer to LabPaths: an entry for each length, from 0 blocks on.
type LabPathsFound struct {
	Lengths []LabPathLength `json:"lengths"`
}

// LabPathLength is what the paths of one length bring.
type LabPathLength struct {
	Length   int     `json:"length"`   // blocks whose F the path goes through
	Count    float64 `json:"count"`    // paths of that length
	Sampled  int     `json:"sampled"`  // of which so many were looked at
	Gradient float64 `json:"gradient"` // the mean norm, at the input, of what goes back through one of them
}

// LabTransfer asks where transfer helps: networks that have learnt one domain learn another, with none to all of their
// stages frozen, against networks that begin anew (Yosinski et al. 2014). The first network of the settings is the
// structure; its domain is the one to learn, and From the other one.
type LabTransfer struct {
	Settings LabSettings `json:"settings"`
	From     LabSet      `json:"from"`
	Seeds    int         `json:"seeds"` // at least 2
}

// LabTransferred is the answer to LabTransfer.
type LabTransferred struct {
	Source  LabFrozen   `json:"source"` // on its own domain
	Scratch LabFrozen   `json:"scratch"`
	Frozen  []LabFrozen `json:"frozen"` // with 0, 1, … stages frozen, of which the stem is the first
	Helps   int         `json:"helps"`  // the most stages frozen that surely help; -1: none
	Hurts   int         `json:"hurts"`  // the fewest that surely hurt; -1: none
}

// LabFrozen is how networks did that began in one way: the accuracy on held-out pictures of each seed, and the mean
// with its 95 % interval.
type LabFrozen struct {
	Stages     int       `json:"stages"` // frozen
	Accuracies []float64 `json:"accuracies"`
	Mean       float64   `json:"mean"`
	Low        float64   `json:"low"`
	High       float64   `json:"high"`
	// Gain is the mean of what each seed's network is better than the one from scratch, with its interval; 0 for those
	// that are not compared.
	Gain     float64 `json:"gain"`
	GainLow  float64 `json:"gainLow"`
	GainHigh float64 `json:"gainHigh"`
	Diverged int     `json:"diverged"` // networks whose loss left the numbers
}

// LabSamples asks for some pictures of a set, to show. The answer is LabSampled with the buffer pictures, uint8,
// N×Size×Size×3.
type LabSamples struct {
	Data  LabSet `json:"data"`
	Count int    `json:"count"`
}

// LabSampled is the answer to LabSamples.
type LabSampled struct {
	Labels  []int    `json:"labels"`
	Classes []string `json:"classes"`
}

// LabExport asks for a network as a file, in pieces as Export's.
type LabExport struct {
	Network int    `json:"network"`
	Format  Format `json:"format"`
	Title   string `json:"title"` // of the model card
}

// LabTypes has a value of each type of the lab that is sent as JSON.
var LabTypes = []any{
	LabOpen{}, LabOpened{}, LabData{}, LabSet{}, LabNetwork{}, LabAugment{}, LabSettings{}, LabSignal{}, LabStart{},
	LabMade{}, LabMadeNetwork{}, LabLayer{}, LabRun{}, LabStep{}, LabNetworkStep{}, LabRan{}, LabScore{}, LabScored{},
	LabState{}, LabLandscape{}, LabPaths{}, LabPathsFound{}, LabPathLength{}, LabTransfer{}, LabTransferred{},
	LabFrozen{}, LabSamples{}, LabSampled{}, LabExport{},
}
