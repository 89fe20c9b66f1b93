package proto

// The messages of teaching a network the user's classes. The engine keeps only the taught network that is in use
// (OpUse). The page owns pictures, features and weights, and sends them along as buffers. A buffer is a typed array
// beside the JSON of a message, by name; it is transferred, not copied.

// Prepare asks for what teaching needs of a picture. The first augmentation is always the mirror image; the others are
// random. The answer's buffers:
//   - features, float32, (1+Augmentations)×D: of the picture, then of its augmentations
//   - small, uint8, Small×Small×3: the network's square, shrunk, as R, G, B
//   - inputs, uint16, (1+Augmentations)×Len: the inputs of the last Depth blocks in float16; only if Inputs
//   - blocks, uint16, (1+Augmentations)×Sum: the means over all positions of each residual block's output, one block
//     after the other, in float16; only if Blocks. Sum is that of all blocks' channels
type Prepare struct {
	Small         int    `json:"small"`
	Inputs        bool   `json:"inputs"`
	Depth         int    `json:"depth"` // how many blocks the inputs are for; 0: the last one
	Blocks        bool   `json:"blocks"`
	Augmentations int    `json:"augmentations"`
	Seed          uint32 `json:"seed"` // of the augmentations: the same seed gives the same ones
	// Taught asks for the features and the block means of the network as it was taught, with the blocks or the
	// statistics of norms of what is in use. There are no inputs then.
	Taught bool `json:"taught"`
}

// Prepared is the answer to Prepare.
type Prepared struct {
	Image Image  `json:"image"`
	DHash string `json:"dhash"` // 64 bits in hexadecimal, most of which near-duplicates share
}

// Method is a method of teaching, as in package transfer.
type Method string

const (
	// MethodClassMeans trains nothing: the class with the nearest mean features is the answer.
	MethodClassMeans Method = "class-means"
	MethodHead       Method = "head"       // a new linear classifier on the frozen features
	MethodLastBlock  Method = "last-block" // the classifier and the last residual block
	MethodScratch    Method = "scratch"    // a small network that is trained on these pictures only
)

// Methods lists all methods.
var Methods = []Method{MethodClassMeans, MethodHead, MethodLastBlock, MethodScratch}

// Side says what a picture is for. The numbers are those of package transfer.
type Side int

const (
	SideUnassigned Side = iota // Split has not placed it yet
	SideTraining               // it is trained on
	SideValidation             // settings are chosen by it, and the result is evaluated on it
	SideTest                   // the result is evaluated on it
)

// Train asks for a network that classifies the pictures. Its buffers are those of Prepare, for all pictures one after
// the other: features, or blocks where Blocks is not empty; inputs for the last blocks; only small for a network from
// scratch; and checkpoint to continue a training. With augmentations the network is trained on all variants, and
// classifies the mean of the features of a picture and its mirror image. Nothing is trained on a test picture, so it
// comes with its mirror image only.
type Train struct {
	Method        Method   `json:"method"`
	Classes       []string `json:"classes"`       // their names
	Labels        []int    `json:"labels"`        // of each picture
	Sides         []Side   `json:"sides"`         // of each picture
	DHashes       []string `json:"dhashes"`       // Prepared's, of each picture
	Augmentations int      `json:"augmentations"` // of each picture but test pictures, in features and inputs
	Epochs        int      `json:"epochs"`        // 0: the default
	Blocks        []int    `json:"blocks"`        // whose means the classifier gets; only for class-means and head
	Depth         int      `json:"depth"`         // how many blocks MethodLastBlock trains; 0: the last one
	// NoMirror says that a picture's mirror image may be of another class: MethodScratch then does not mirror pictures
	// at random.
	NoMirror bool   `json:"noMirror"`
	Seed     uint32 `json:"seed"`
	// CheckpointMS is the longest time without a checkpoint, in milliseconds; 0: no checkpoints.
	CheckpointMS int `json:"checkpointMS"`
}

// TrainStep reports a step of training. The buffer checkpoint may come with it.
type TrainStep struct {
	Method     Method `json:"method"`
	Done       int    `json:"done"`  // epochs, or iterations of the classifier's fit
	Total      int    `json:"total"` // at most so many
	Train      *Score `json:"train"` // null: not known at this step
	Validation *Score `json:"validation"`
}

// Score is how well a classifier does on some pictures.
type Score struct {
	N        int     `json:"n"`
	Accuracy float64 `json:"accuracy"`
	Loss     float64 `json:"loss"` // mean cross-entropy, in nats
}

// Trained is the answer to Train. Its buffer weights is a safetensors file with everything that classifying needs.
type Trained struct {
	Method      Method  `json:"method"`
	L2          float64 `json:"l2"` // strength of the classifier's penalty, chosen on the validation pictures
	Temperature float64 `json:"temperature"`
	BestEpoch   int     `json:"bestEpoch"`
	Stopped     bool    `json:"stopped"` // the page stopped it before its end
	MS          float64 `json:"ms"`
	// Answers are for all pictures. Their evaluations are for those that were not trained on: the validation pictures,
	// and the test pictures if there are any.
	Answers    []Answer    `json:"answers"`
	Validation *Evaluation `json:"validation"`
	Test       *Evaluation `json:"test"`
	// Similarity is the linear CKA of the pictures' features before and after the last block was trained.
	Similarity float64 `json:"similarity"`
	// MissingForNone is about how many more pictures it takes before "none of these" can be an answer; 0: it can be.
	MissingForNone int `json:"missingForNone"`
}

// Answer is a taught network's answer for a picture.
type Answer struct {
	Class         int       `json:"class"` // -1: none of these, for it is unlike all pictures, and no class is likely
	Best          int       `json:"best"`  // the most probable class, even if Class is -1
	Probabilities []float64 `json:"probabilities"`
}

// Evaluation is how good the answers are.
type Evaluation struct {
	Accuracy  Rate    `json:"accuracy"`
	Recall    []Rate  `json:"recall"`    // of each class
	Precision []Rate  `json:"precision"` // of each class
	Confusion [][]int `json:"confusion"` // rows: true class; columns: answer, the last for "none of these"
	ECE       float64 `json:"ece"`       // expected calibration error of the probabilities
	Bins      []Bin   `json:"bins"`
	Outliers  int     `json:"outliers"` // pictures answered by "none of these"
}

// Rate is K of N, with Wilson's 95 % interval.
type Rate struct {
	K    int     `json:"k"`
	N    int     `json:"n"`
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

// Bin is the answers whose probability is in one interval.
type Bin struct {
	N          int     `json:"n"`
	Confidence float64 `json:"confidence"`
	Accuracy   float64 `json:"accuracy"`
}

// Use makes a taught network the one that Predict uses: Trained's buffer weights, or none without the buffer.
type Use struct{}

// Used is the answer to Use.
type Used struct {
	Method      Method   `json:"method"`
	Classes     []string `json:"classes"`
	Blocks      []int    `json:"blocks"`      // whose means it classifies; empty: the last block's
	Depth       int      `json:"depth"`       // how many of the last blocks were trained
	Norms       bool     `json:"norms"`       // whether it has statistics of its own for the norms
	L2          float64  `json:"l2"`          // strength of the classifier's penalty; 0: unknown
	Temperature float64  `json:"temperature"` // by which the logits are divided
}

// Import opens the buffer file, which holds taught weights: a head or last block as in Trained, or a whole network as
// Export writes it. The answer is Used and the buffer weights, for Use.
type Import struct{}

// Export asks for the whole network in use, with its new classes, as a file for other programs. The file comes in
// pieces: each progress has the next one as its buffer chunk.
type Export struct {
	Format Format `json:"format"`
}

// Format is a file format.
type Format string

// The formats.
const (
	FormatONNX        Format = "onnx"
	FormatSafetensors Format = "safetensors"
)

// Formats lists all formats.
var Formats = []Format{FormatONNX, FormatSafetensors}

// Exported reports how many bytes have been sent so far.
type Exported struct {
	Bytes int64 `json:"bytes"`
}

// Predict asks the taught network to classify a picture.
type Predict struct {
	Ablate map[int]Ablation `json:"ablate"` // as for Classify
}

// Predicted is the answer to Predict.
type Predicted struct {
	Answer Answer `json:"answer"`
	// TellsNone says that enough pictures were taught to tell what is unlike them all, and Unlike that this one is.
	TellsNone bool   `json:"tellsNone"`
	Unlike    bool   `json:"unlike"`
	Image     Image  `json:"image"`
	MS        Timing `json:"ms"`
}

// Split asks which pictures are for training and which for validation. With the buffer features, one row for each
// picture, near-duplicates stay on one side; without it each picture is placed by itself.
type Split struct {
	Pictures []SplitPicture `json:"pictures"`
	Fraction float64        `json:"fraction"` // for validation
	Seed     uint32         `json:"seed"`
}

// SplitPicture is what the split depends on.
type SplitPicture struct {
	ID    string `json:"id"`
	DHash string `json:"dhash"` // Prepared's
	Class int    `json:"class"`
	Side  Side   `json:"side"` // where it was before
}

// Sides is the answer to Split.
type Sides struct {
	Sides []Side `json:"sides"`
}

// Inspect asks what is wrong with the pictures. Pictures that were inspected before come first, together with the
// near-duplicates that were found among them. If the answer asks for the features of some pictures, the request is sent
// again with their indices in Rows and the buffer features, one row for each.
type Inspect struct {
	Classes  int             `json:"classes"`
	Pictures []InspectedItem `json:"pictures"`
	Known    int             `json:"known"` // how many were inspected before
	Pairs    []Near          `json:"pairs"` // among these
	Rows     []int           `json:"rows"`
}

// Near is two pictures that are nearly equal.
type Near struct {
	A     int  `json:"a"`
	B     int  `json:"b"`
	Exact bool `json:"exact"` // equal byte for byte
}

// InspectedItem is a picture to inspect.
type InspectedItem struct {
	Class int    `json:"class"`
	Hash  string `json:"hash"`  // of its bytes
	DHash string `json:"dhash"` // Prepared's
}

// Warnings is the answer to Inspect: the pictures whose features it needs, or else the warnings, and all pairs for the
// next time.
type Warnings struct {
	Wants    []int     `json:"wants"`
	Warnings []Warning `json:"warnings"`
	Pairs    []Near    `json:"pairs"`
}

// Warning is one thing that may make the result worse.
type Warning struct {
	Problem  Problem `json:"problem"`
	Class    int     `json:"class"`    // -1: all
	Other    int     `json:"other"`    // a second class; -1: none
	Pictures []int   `json:"pictures"` // the pictures concerned; empty: all of the class
	Count    int     `json:"count"`    // of them
}

// Problem is the kind of a warning, as in package transfer.
type Problem string

// The problems.
const (
	ProblemOneClass         Problem = "one-class"
	ProblemEmptyClass       Problem = "empty-class"
	ProblemTooFew           Problem = "too-few"
	ProblemUnbalanced       Problem = "unbalanced"
	ProblemInTwoClasses     Problem = "in-two-classes"
	ProblemNearInTwoClasses Problem = "near-in-two-classes"
	ProblemRepeated         Problem = "repeated"
)

// Problems lists all problems.
var Problems = []Problem{
	ProblemOneClass, ProblemEmptyClass, ProblemTooFew, ProblemUnbalanced, ProblemInTwoClasses, ProblemNearInTwoClasses,
	ProblemRepeated,
}

// Plot asks for a map of the pictures: the features' first two principal components. Its buffer features has one row
// for each picture.
type Plot struct{}

// Plotted is the answer to Plot. Its data has two numbers for each picture.
type Plotted struct {
	Explained []float64 `json:"explained"` // the fraction of the variance along each axis
}

// Compare asks whether one method is better than another on the same pictures.
type Compare struct {
	Labels []int `json:"labels"`
	Base   []int `json:"base"`  // answers of one method
	Other  []int `json:"other"` // answers of the other
}

// Compared is the answer to Compare.
type Compared struct {
	N          int     `json:"n"`
	Difference float64 `json:"difference"` // in accuracy, other − base
	Low        float64 `json:"low"`
	High       float64 `json:"high"`
	Verdict    Verdict `json:"verdict"`
	Needed     int     `json:"needed"` // pictures that a verdict would take, if it is undecided
}

// Verdict is the result of a comparison, as in package transfer.
type Verdict string

// The verdicts.
const (
	VerdictHelps        Verdict = "helps"
	VerdictHurts        Verdict = "hurts"
	VerdictNoDifference Verdict = "no-difference"
	VerdictUndecided    Verdict = "undecided"
)

// Verdicts lists all verdicts.
var Verdicts = []Verdict{VerdictHelps, VerdictHurts, VerdictNoDifference, VerdictUndecided}
