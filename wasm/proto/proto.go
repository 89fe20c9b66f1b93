// Package proto defines the messages between the page and the engine worker. It is their only definition:
// web/static/zproto.js is generated from it.
//
// A message to the engine is an object { version, id, op, json }. json is the operation's arguments. buffers, typed
// arrays by name, may come with it. Operations on a picture also have image, a Blob, an ImageBitmap or an ImageData,
// and key, a number that is equal only for equal pixels, or 0. The engine answers with the same id: any number of { id,
// kind: "progress", json, buffers }, and then one { id, kind: "done", json, buffers } or { id, kind: "error", json }.
// Most buffers are one Float32Array named data. Operations run one at a time, in the order in which they came. cancel
// and stop act at once.
//
// domains-norms has files: an array of Blobs, the pictures.
//
// load of a user's model has files: an array with the Blob of the weights and those of its JSON files.
//
// The engine keeps the activations of the last picture. A request with that picture's key decodes nothing and needs no
// whole pass; only classify without ablate computes anew each time.
//
// The operation view has port, a MessagePort. From then on the engine sends every picture that is classified to the
// view at its other end, and answers the view's requests, in the binary messages of view.go.
//
// Some messages are between worker.js and residua.js only: { kind: "alive" }; { kind: "unreadable" } after a message
// that could not be deserialised; { kind: "fault", json }, after which the engine is gone; { kind: "helpers",
// generation, count }, which asks for helper workers and is answered by { op: "helper", generation, number } for each,
// with a port to it; and { kind: "helpers-end", numbers } for helpers that did not start in time.
package proto

//go:generate go run ./gen ../../web/static/zproto.js ../../web/static/zviewcodec.js

// Version is the version of the messages' format. The page and the engine come from one build; if a browser's cache has
// mixed two builds, the engine refuses messages instead of misreading them.
const Version = 10

// Op is an operation that the page asks for.
type Op string

const (
	OpLoad     Op = "load"     // Load, files → Progress…, Info
	OpClassify Op = "classify" // Classify, image → Classification
	OpFeatures Op = "features" // image → data
	OpTrace    Op = "trace"    // Trace, image → Traced, data
	OpCAM      Op = "cam"      // CAM, image → Steps…, Map, data
	OpSweep    Op = "sweep"    // Sweep, image → Steps…, Swept
	OpFilters  Op = "filters"  // → Filters, data
	OpView     Op = "view"     // port
	OpProfile  Op = "profile"  // Profile → Times
	OpCancel   Op = "cancel"   // Cancel; no answer of its own
	OpStop     Op = "stop"     // Cancel; no answer of its own: training ends early, with the result so far

	// Teaching: see teach.go.
	OpPrepare Op = "prepare" // Prepare, image → Prepared, buffers
	OpSplit   Op = "split"   // Split, buffers → Sides
	OpTrain   Op = "train"   // Train, buffers → TrainStep…, Trained, buffers
	OpUse     Op = "use"     // Use, buffers → Used
	OpPredict Op = "predict" // Predict, image → Predicted
	OpInspect Op = "inspect" // Inspect, buffers → Warnings
	OpPlot    Op = "plot"    // Plot, buffers → Plotted, data
	OpCompare Op = "compare" // Compare → Compared
	OpExport  Op = "export"  // Export → Exported with a chunk…, Exported
	OpImport  Op = "import"  // Import, buffers → Used, buffers

	// The Skip lab: see lab.go.
	OpLabOpen      Op = "lab-open"      // LabOpen → LabOpened
	OpLabData      Op = "lab-data"      // LabData, buffers
	OpLabSamples   Op = "lab-samples"   // LabSamples → LabSampled, buffers
	OpLabSignal    Op = "lab-signal"    // LabSignal → LabMade, buffers
	OpLabStart     Op = "lab-start"     // LabStart, buffers → LabMade
	OpLabRun       Op = "lab-run"       // LabRun → LabStep with buffers…, LabRan
	OpLabScore     Op = "lab-score"     // LabScore → LabScored
	OpLabState     Op = "lab-state"     // LabState → buffers
	OpLabLandscape Op = "lab-landscape" // LabLandscape → Steps…, data
	OpLabPaths     Op = "lab-paths"     // LabPaths → Steps…, LabPathsFound
	OpLabTransfer  Op = "lab-transfer"  // LabTransfer → Steps…, LabTransferred
	OpLabExport    Op = "lab-export"    // LabExport → Exported with a chunk…, Exported
)

// Knowledge across domains: see domains.go.
const (
	OpProbe    Op = "domains-probe"    // Probe, buffers → Probed…, Probed
	OpRank     Op = "domains-rank"     // Rank, buffers → Ranked
	OpDistance Op = "domains-distance" // Distance, buffers → Distances…, Distances
	OpNorms    Op = "domains-norms"    // Norms, files → Steps…, NormsFound, buffers
	OpAdapt    Op = "domains-adapt"    // Adapt, buffers → Steps…, Adapted, buffers
	OpMoved    Op = "domains-moved"    // Moved, buffers → MovedBlocks, data
	OpShapes   Op = "domains-shapes"   // Shapes → ShapesDrawn, buffers
)

// DomainsPrefix begins the operations about domains.
const DomainsPrefix = "domains-"

// LabPrefix begins the operations of the Skip lab.
const LabPrefix = "lab-"

// Ops lists all operations.
var Ops = []Op{OpLoad, OpClassify, OpFeatures, OpTrace, OpCAM, OpSweep, OpFilters, OpView, OpProfile, OpCancel, OpStop,
	OpPrepare, OpSplit, OpTrain, OpUse, OpPredict, OpInspect, OpPlot, OpCompare, OpExport, OpImport,
	OpLabOpen, OpLabData, OpLabSamples, OpLabSignal, OpLabStart, OpLabRun, OpLabScore, OpLabState, OpLabLandscape,
	OpLabPaths, OpLabTransfer, OpLabExport,
	OpProbe, OpRank, OpDistance, OpNorms, OpAdapt, OpMoved, OpShapes}

// Kind is the kind of an answer.
type Kind string

const (
	KindProgress Kind = "progress"
	KindDone     Kind = "done"
	KindError    Kind = "error"
)

// Kinds lists all kinds of answers.
var Kinds = []Kind{KindProgress, KindDone, KindError}

// Load asks for a model.
type Load struct {
	Models  string `json:"models"` // URL of the folder of all models, with a slash at its end
	Model   string `json:"model"`
	Threads int    `json:"threads"` // at most; at least 1
}

// Progress reports how far loading has come, in bytes.
type Progress struct {
	Phase  Phase `json:"phase"`
	Loaded int64 `json:"loaded"` // of Total, from the network or the cache
	Total  int64 `json:"total"`
	Cached int64 `json:"cached"` // of Loaded, from the cache
	Kept   int64 `json:"kept"`   // of Loaded, in the cache and checked: a later load need not download it
}

// Phase is a step of loading.
type Phase string

const (
	PhaseEngine   Phase = "engine"   // the engine starts
	PhaseDownload Phase = "download" // the model's shards are downloaded
	PhaseRead     Phase = "read"     // the user's file is read
	PhasePrepare  Phase = "prepare"  // the weights are packed for the kernels
	PhaseKeep     Phase = "keep"     // the user's file is stored in the cache
)

// Phases lists all phases in their order.
var Phases = []Phase{PhaseEngine, PhaseDownload, PhaseRead, PhasePrepare, PhaseKeep}

// About is a model's entry in a list of models.
type About struct {
	Model        string `json:"model"` // the name by which it is loaded
	Title        string `json:"title"`
	Architecture string `json:"architecture"` // such as "ResNet-50"
	Classes      int    `json:"classes"`
	// InputSize is the side in pixels of the square pictures that the network takes, 0 if they are not square.
	// InputHeight and InputWidth are always there; models that were kept before there were such networks lack them in
	// the list of models.
	InputSize   int    `json:"inputSize"`
	InputHeight int    `json:"inputHeight"`
	InputWidth  int    `json:"inputWidth"`
	DType       string `json:"dtype"` // of the weights in the file: "F32", "F16", "BF16" or "I8"
	Bytes       int64  `json:"bytes"` // of the model file
	License     string `json:"license"`
	Source      string `json:"source"`
	Own         bool   `json:"own"` // it is the user's
	Notes       []Note `json:"notes"`
}

// Note reports something that a user's files do not say, or that is done differently: a code of package modelfile, and
// a value.
type Note struct {
	Code  string `json:"code"`
	Value string `json:"value"`
}

// Info describes a loaded model and the engine that runs it.
type Info struct {
	About
	Kept bool `json:"kept"` // all of it is in the cache
	// ShortSide is the length in pixels to which a picture's short side is resized before the network's picture is cut
	// out of its middle; 0 if pictures are resized in another way. ResizeHeight × ResizeWidth is always what the
	// picture then covers, or with Squash its size, whatever its proportions were.
	ShortSide    int  `json:"shortSide"`
	ResizeHeight int  `json:"resizeHeight"`
	ResizeWidth  int  `json:"resizeWidth"`
	Squash       bool `json:"squash"`

	Labels []string `json:"labels"` // one for each class
	// Activation makes the probabilities: with "sigmoid" each class has one of its own, and any number may be right.
	Activation Activation `json:"activation"`
	// Outputs is the number of the network's outputs: that of the classes, or 1 for two classes, a yes and its
	// opposite.
	Outputs int     `json:"outputs"`
	Blocks  []Block `json:"blocks"`
	// Join is how a block's x and F are joined: "add", "product", "maximum" or "gate"; "none": there is no shortcut.
	Join         string `json:"join"`
	Linear       bool   `json:"linear"`       // no activation follows (pre-activation)
	Nonlinearity string `json:"nonlinearity"` // the layers' activation: "relu", "leaky-relu", "tanh" or "silu"
	Threads      int    `json:"threads"`
	SIMD         string `json:"simd"`
	Compute      string `json:"compute"` // "float32", or "int8" if convolutions are computed in eight bits
}

// Activation is what makes probabilities of the network's outputs.
type Activation string

// Activations lists all.
var Activations = []Activation{"softmax", "sigmoid"}

// Block describes a residual block and the size of its output.
type Block struct {
	Name       string `json:"name"`
	Stage      int    `json:"stage"`
	Height     int    `json:"height"`
	Width      int    `json:"width"`
	Channels   int    `json:"channels"`
	Projection bool   `json:"projection"`
}

// Classify asks what a picture shows.
type Classify struct {
	TopK   int              `json:"topK"`
	Ablate map[int]Ablation `json:"ablate"` // by the block's index; null: compute anew, with the whole network
}

// Classification is the answer to Classify.
type Classification struct {
	Predictions []Prediction `json:"predictions"`
	Image       Image        `json:"image"`
	MS          Timing       `json:"ms"`
}

// Prediction is a class and its probability, 0 … 1.
type Prediction struct {
	Index       int     `json:"index"`
	Label       string  `json:"label"`
	Probability float64 `json:"probability"`
}

// Image describes the picture before it is prepared.
type Image struct {
	Format string `json:"format"` // "JPEG", …; empty for pixels
	Width  int    `json:"width"`
	Height int    `json:"height"`
}

// Timing is in milliseconds.
type Timing struct {
	Decode     float64 `json:"decode"`
	Preprocess float64 `json:"preprocess"`
	Forward    float64 `json:"forward"`
}

// Trace asks what each block does to a picture.
type Trace struct {
	Ablate map[int]Ablation `json:"ablate"`
	// Block is the block whose x, F(x) and y are wanted as data, one after the other, each H×W×C; -1: none.
	Block int `json:"block"`
	// TopK is the number of classes in the classification; 0: no classification.
	TopK int `json:"topK"`
	// Taught says that the taught network is asked, and answers with its classes.
	Taught bool `json:"taught"`
}

// Traced is the answer to Trace.
type Traced struct {
	Blocks         []BlockTrace    `json:"blocks"`
	Classification *Classification `json:"classification"` // with these ablations; null: not asked for, or Taught
	Predicted      *Predicted      `json:"predicted"`      // the same of the taught network; null: not asked for
}

// BlockTrace is what a block does: the Euclidean norms of x as it enters the sum, of F(x) and of y = ReLU(x + F(x)),
// and the cosine of the angle between x and F(x).
type BlockTrace struct {
	NormX  float64 `json:"normX"`
	NormF  float64 `json:"normF"`
	NormY  float64 `json:"normY"`
	Cosine float64 `json:"cosine"`
}

// CAM asks where in a picture the network sees a class.
type CAM struct {
	Ablate     map[int]Ablation `json:"ablate"`
	ClassIndex int              `json:"classIndex"` // -1: the most probable class
	Method     CAMMethod        `json:"method"`
	Block      int              `json:"block"`  // for Grad-CAM; -1: the last
	Source     ViewTensor       `json:"source"` // for Grad-CAM: the tensor of the block
	// Size is the side of the grey square of the occlusion map, in pixels of the network's input.
	Size   int `json:"size"`
	Stride int `json:"stride"` // and the distance between its positions
	// Taught says that the taught network is asked, and the class one of its own. Of several blocks that it classifies,
	// a CAM is that of the last, with its part of the weights.
	Taught bool `json:"taught"`
}

// CAMMethod is a method to find where a class is seen.
type CAMMethod string

const (
	MethodCAM       CAMMethod = "cam"
	MethodGradCAM   CAMMethod = "grad-cam"
	MethodOcclusion CAMMethod = "occlusion"
)

// CAMMethods lists all methods.
var CAMMethods = []CAMMethod{MethodCAM, MethodGradCAM, MethodOcclusion}

// Map describes a map over the network's picture. Its data is Height×Width; 0 stands for Min and 1 for Max.
type Map struct {
	Width      int     `json:"width"`
	Height     int     `json:"height"`
	Min        float64 `json:"min"`
	Max        float64 `json:"max"`
	ClassIndex int     `json:"classIndex"`
}

// Sweep asks for a class's probability without each block's F.
type Sweep struct {
	Ablate     map[int]Ablation `json:"ablate"`
	ClassIndex int              `json:"classIndex"` // -1: the most probable class
	Taught     bool             `json:"taught"`     // as for CAM
}

// Swept is the answer to Sweep: the class's probability as it is, and with F of each block left out in turn.
type Swept struct {
	ClassIndex  int       `json:"classIndex"`
	Probability float64   `json:"probability"`
	Without     []float64 `json:"without"`
}

// Steps reports how far a long operation has come.
type Steps struct {
	Done  int `json:"done"`
	Total int `json:"total"`
}

// Filters describes the first convolution's filters: Count×Height×Width×3 in the order R, G, B.
type Filters struct {
	Count  int `json:"count"`
	Height int `json:"height"`
	Width  int `json:"width"`
}

// Profile asks where the time of a pass goes.
type Profile struct {
	Runs int `json:"runs"` // passes to take the mean of
}

// Times is the answer to Profile: the time of a pass and of each convolution in it, and the engine's memory so far.
type Times struct {
	MS     float64     `json:"ms"`
	Memory int64       `json:"memory"` // bytes
	Layers []LayerTime `json:"layers"`
}

// LayerTime is the time of one convolution in a pass.
type LayerTime struct {
	Name      string  `json:"name"`
	Algorithm string  `json:"algorithm"`
	MS        float64 `json:"ms"`
	FLOP      int64   `json:"flop"` // by the convolution's definition
}

// Cancel names the operation to cancel, or to stop early.
type Cancel struct {
	ID int `json:"id"`
}

// Types has a value of each type that is sent as JSON, in the order of the generated file.
var Types = []any{
	Load{}, Progress{}, About{}, Note{}, Info{}, Block{}, Classify{}, Classification{}, Prediction{}, Image{}, Timing{},
	Trace{}, Traced{}, BlockTrace{}, CAM{}, Map{}, Sweep{}, Swept{}, Steps{}, Filters{}, Profile{}, Times{},
	LayerTime{}, Cancel{}, Error{}, Prepare{}, Prepared{}, Split{}, SplitPicture{}, Sides{}, Train{}, TrainStep{},
	Score{}, Trained{}, Answer{}, Evaluation{}, Rate{}, Bin{}, Use{}, Used{}, Predict{}, Predicted{}, Inspect{},
	InspectedItem{}, Near{}, Warnings{}, Warning{}, Plot{}, Plotted{}, Compare{}, Compared{}, Export{}, Exported{},
	Import{},
}
