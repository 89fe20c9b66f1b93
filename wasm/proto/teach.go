package proto

// The messages of teaching: what the page asks to teach a network a person's own classes. Between two questions the
// engine keeps nothing of it but the taught network that answers (OpUse). Pictures, features and weights are the
// page's, and come along as buffers. A buffer is a typed array beside the JSON of a message, by its name; it is
// transferred, not copied.

// Prepare asks for what teaching needs of a picture. The first augmentation is always its mirror image; the others are
// drawn at random. Its buffers:
//   - features, float32, (1+Augmentations)×D: of the picture, then of its augmentations
//   - small, uint8, Small×Small×3: the square that the network gets, shrunk, R, G, B
//   - inputs, uint16, (1+Augmentations)×Len: the last block's inputs, in float16; only if Inputs
type Prepare struct {
	Small         int    `json:"small"`
	Inputs        bool   `json:"inputs"`
	Augmentations int    `json:"augmentations"`
	Seed          uint32 `json:"seed"` // of the augmentations: the same seed gives the same
}

// Prepared is the answer.
type Prepared struct {
	Image Image  `json:"image"`
	DHash string `json:"dhash"` // 64 bits of which near-duplicates share most, in hexadecimal
}

// Method is a way to teach. It is package transfer's.
type Method string

const (
	// MethodClassMeans trains nothing: a picture is of the class whose mean features are nearest.
	MethodClassMeans Method = "class-means"
	MethodHead       Method = "head"       // a new linear classifier on the frozen features
	MethodLastBlock  Method = "last-block" // the classifier and the last residual block
	MethodScratch    Method = "scratch"    // a small network of its own that knows only these pictures
)

// Methods are all methods.
var Methods = []Method{MethodClassMeans, MethodHead, MethodLastBlock, MethodScratch}

// Side is what a picture is for, as a number. The numbers are package transfer's.
type Side int

const (
	SideUnassigned Side = iota // Split has not placed it yet
	SideTraining               // it teaches
	SideValidation             // it chooses settings and shows how good the result is
	SideTest                   // it shows how good the result is
)

// Train asks for a network that tells the pictures' classes apart. Its buffers are as Prepare gives them, all pictures'
// one after the other: features; inputs too for the last block; small alone for a network from scratch; and checkpoint,
// if training is to go on where it stood. With augmentations the network learns from all variants, and answers by the
// mean of the features of a picture and its mirror image. A test picture teaches nothing, so it comes with its mirror
// image alone.
type Train struct {
	Method        Method   `json:"method"`
	Classes       []string `json:"classes"`       // their names
	Labels        []int    `json:"labels"`        // of each picture
	Sides         []Side   `json:"sides"`         // of each picture
	Augmentations int      `json:"augmentations"` // of each picture that is no test picture, in features and inputs
	Epochs        int      `json:"epochs"`        // 0: the default
	Seed          uint32   `json:"seed"`
	// CheckpointMS is how long training may go on without a checkpoint; 0: it gives none.
	CheckpointMS int `json:"checkpointMS"`
}

// TrainStep tells how training goes. With it may come the buffer checkpoint.
type TrainStep struct {
	Method     Method `json:"method"`
	Done       int    `json:"done"`  // epochs, or iterations of the classifier's fit
	Total      int    `json:"total"` // at most so many
	Train      *Score `json:"train"` // null: not known at this step
	Validation *Score `json:"validation"`
}

// Score says how well a classifier does on some pictures.
type Score struct {
	N        int     `json:"n"`
	Accuracy float64 `json:"accuracy"`
	Loss     float64 `json:"loss"` // mean cross-entropy, in nats
}

// Trained is the answer. Its buffer weights is a safetensors file with all that it takes to classify.
type Trained struct {
	Method      Method  `json:"method"`
	L2          float64 `json:"l2"` // strength of the classifier's penalty, chosen on the validation pictures
	Temperature float64 `json:"temperature"`
	BestEpoch   int     `json:"bestEpoch"`
	Stopped     bool    `json:"stopped"` // before its end, by the page
	MS          float64 `json:"ms"`
	// Answers to all pictures, and how good they are for those that were not trained on: the validation pictures, and
	// the test pictures if there are any.
	Answers    []Answer    `json:"answers"`
	Validation *Evaluation `json:"validation"`
	Test       *Evaluation `json:"test"`
	// Similarity is the linear CKA of the pictures' features before and after the last block was trained.
	Similarity float64 `json:"similarity"`
}

// Answer is what a taught network says to a picture.
type Answer struct {
	Class         int       `json:"class"` // -1: none of these
	Best          int       `json:"best"`  // the likeliest class, even if it is none of these
	Probabilities []float64 `json:"probabilities"`
}

// Evaluation is how well the answers are.
type Evaluation struct {
	Accuracy  Rate    `json:"accuracy"`
	Recall    []Rate  `json:"recall"`    // of each class
	Precision []Rate  `json:"precision"` // of each class
	Confusion [][]int `json:"confusion"` // rows the true class, columns the answer, the last one none of these
	ECE       float64 `json:"ece"`       // expected calibration error of the probabilities
	Bins      []Bin   `json:"bins"`
	Outliers  int     `json:"outliers"` // pictures that were taken for none of these
}

// Rate is K of N, with the 95 % interval of Wilson.
type Rate struct {
	K    int     `json:"k"`
	N    int     `json:"n"`
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

// Bin is the answers whose probability lies in one interval.
type Bin struct {
	N          int     `json:"n"`
	Confidence float64 `json:"confidence"`
	Accuracy   float64 `json:"accuracy"`
}

// Use makes a taught network the one that Predict asks: the buffer weights of Trained; without it, none.
type Use struct{}

// Used is the answer.
type Used struct {
	Method      Method   `json:"method"`
	Classes     []string `json:"classes"`
	L2          float64  `json:"l2"`          // strength of the classifier's penalty; 0: not known
	Temperature float64  `json:"temperature"` // by which its logits are divided
}

// Import opens the buffer file, which holds weights that somebody has taught: a head or last block as Trained gives it,
// or a whole network as Export writes it. The answer is Used and the buffer weights, for Use.
type Import struct{}

// Export asks for the whole network that is in use, with its new classes, as a file for other programs. It comes in
// pieces: each progress has the next one as its buffer chunk.
type Export struct {
	Format Format `json:"format"`
}

// Format is a kind of file.
type Format string

// The formats.
const (
	FormatONNX        Format = "onnx"
	FormatSafetensors Format = "safetensors"
)

// Formats are all formats.
var Formats = []Format{FormatONNX, FormatSafetensors}

// Exported tells how much there is so far.
type Exported struct {
	Bytes int64 `json:"bytes"`
}

// Predict asks the taught network about a picture.
type Predict struct{}

// Predicted is the answer.
type Predicted struct {
	Answer Answer `json:"answer"`
	Image  Image  `json:"image"`
	MS     Timing `json:"ms"`
}

// Split asks which pictures are for training and which for validation. With the buffer features, one row a picture,
// near-duplicates stay on one side; without it each picture is placed by itself.
type Split struct {
	Pictures []SplitPicture `json:"pictures"`
	Fraction float64        `json:"fraction"` // for validation
	Seed     uint32         `json:"seed"`
}

// SplitPicture is what that depends on.
type SplitPicture struct {
	ID    string `json:"id"`
	DHash string `json:"dhash"` // Prepared's
	Class int    `json:"class"`
	Side  Side   `json:"side"` // where it was before
}

// Sides is the answer.
type Sides struct {
	Sides []Side `json:"sides"`
}

// Inspect asks what is wrong with the pictures. Those that were inspected before come first, and the near-duplicates
// that were found among them come along. The answer may first be that it wants the features of some; then the question
// is asked again with their places in Rows and the buffer features, one row for each.
type Inspect struct {
	Classes  int             `json:"classes"`
	Pictures []InspectedItem `json:"pictures"`
	Known    int             `json:"known"` // so many were inspected before
	Pairs    []Near          `json:"pairs"` // among the known
	Rows     []int           `json:"rows"`
}

// Near is two pictures that are nearly the same.
type Near struct {
	A     int  `json:"a"`
	B     int  `json:"b"`
	Exact bool `json:"exact"` // byte for byte the same
}

// InspectedItem is a picture to be inspected.
type InspectedItem struct {
	Class int    `json:"class"`
	Hash  string `json:"hash"`  // of its bytes
	DHash string `json:"dhash"` // Prepared's
}

// Warnings is the answer: what it wants to know first, or else the warnings, and all pairs for the next time.
type Warnings struct {
	Wants    []int     `json:"wants"`
	Warnings []Warning `json:"warnings"`
	Pairs    []Near    `json:"pairs"`
}

// Warning is one thing that may spoil what is learnt.
type Warning struct {
	Problem  Problem `json:"problem"`
	Class    int     `json:"class"`    // -1: all
	Other    int     `json:"other"`    // a second class; -1: none
	Pictures []int   `json:"pictures"` // those concerned; empty: all of the class
	Count    int     `json:"count"`    // of them
}

// Problem is package transfer's.
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

// Problems are all problems.
var Problems = []Problem{
	ProblemOneClass, ProblemEmptyClass, ProblemTooFew, ProblemUnbalanced, ProblemInTwoClasses, ProblemNearInTwoClasses,
	ProblemRepeated,
}

// Plot asks for a map of the pictures: features as points of a plane (principal components). Its buffer features has
// one row a picture.
type Plot struct{}

// Plotted is the answer; its data are two numbers a picture.
type Plotted struct {
	Explained []float64 `json:"explained"` // the part of the variance along each axis
}

// Compare asks whether one method is better than another on the same pictures.
type Compare struct {
	Labels []int `json:"labels"`
	Base   []int `json:"base"`  // the answers of the one
	Other  []int `json:"other"` // and of the other
}

// Compared is the answer.
type Compared struct {
	N          int     `json:"n"`
	Difference float64 `json:"difference"` // in accuracy, other − base
	Low        float64 `json:"low"`
	High       float64 `json:"high"`
	Verdict    Verdict `json:"verdict"`
	Needed     int     `json:"needed"` // pictures that it would take to tell, where the verdict is open
}

// Verdict is package transfer's.
type Verdict string

// The verdicts.
const (
	VerdictHelps        Verdict = "helps"
	VerdictHurts        Verdict = "hurts"
	VerdictNoDifference Verdict = "no-difference"
	VerdictUndecided    Verdict = "undecided"
)

// Verdicts are all verdicts.
var Verdicts = []Verdict{VerdictHelps, VerdictHurts, VerdictNoDifference, VerdictUndecided}
